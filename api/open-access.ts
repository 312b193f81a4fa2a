/**
 * `dev` without keys: who may act as admin just by being on this machine. A browser on this machine runs pages of
 * strangers, so a loopback socket alone is not enough: DNS rebinding shows in `Host`, other sites in `Origin`.
 */
import type { IncomingMessage } from "node:http";
import { PosthornError } from "../core/errors.js";

const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a request without a key comes from this machine and from no other site.
 *
 * @throws `forbidden` if a page of another site seems to be behind it
 */
export function isLocalCaller(request: IncomingMessage): boolean {
  const { headers } = request;
  // A proxy on this machine forwards strangers.
  if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) return false;
  if (!isLoopback(request.socket.remoteAddress)) return false;
  if (!LOCAL_NAMES.has(hostName(`http://${headers.host ?? ""}`))) {
    throw new PosthornError("forbidden", "Without an API key the host must be localhost, 127.0.0.1 or [::1].");
  }
  const site = headers["sec-fetch-site"];
  const foreign = site === "cross-site" || (headers.origin !== undefined && !LOCAL_NAMES.has(hostName(headers.origin)));
  if (foreign) throw new PosthornError("forbidden", "Pages of other sites need an API key.");
  return true;
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return address === "::1" || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

function hostName(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : "";
}
