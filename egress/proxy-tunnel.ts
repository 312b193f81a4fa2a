import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:http";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { buildConnector } from "undici";
import { bareHost } from "./address-guard.js";
import { addressFamily } from "./cidr-set.js";
import { blockedAddress, EgressError } from "./egress-error.js";
import type { EgressProxy } from "./egress-proxy.js";

export interface TunnelOptions {
  proxy: EgressProxy;
  /** Speaks TLS to the receiver, over a connection that is there already. */
  secure: buildConnector.connector;
  /** For proxy, tunnel and TLS together, in ms. */
  connectMsMax: number;
}

/** What an answer to CONNECT other than 2xx says about the destination, or about us. */
function refusal(statusCode: number, headers: IncomingHttpHeaders): EgressError {
  // Smokescreen denies with 407 and this header; any other proxy that asks for credentials says which kind.
  const asksWhoWeAre =
    statusCode === 407 && "proxy-authenticate" in headers && headers["x-smokescreen-error"] === undefined;
  if (asksWhoWeAre) return new EgressError("internal.proxy", "the proxy refused the credentials");
  if (statusCode === 403 || statusCode === 407) return blockedAddress();
  if (statusCode === 504) return new EgressError("timeout.connect", "the proxy got no connection in time");
  return new EgressError("connect.failed", "the proxy got no connection");
}

/** `host:port` of a receiver, as CONNECT names it. */
function authorityOf({ hostname, port, protocol }: buildConnector.Options): string {
  const host = bareHost(hostname);
  const usual = protocol === "https:" ? "443" : "80";
  return `${addressFamily(host) === 6 ? `[${host}]` : host}:${port === "" ? usual : port}`;
}

/**
 * Asks the proxy on `socket` for a tunnel. Resolves when the next byte is the receiver's.
 *
 * @throws EgressError
 */
function askForTunnel(socket: Socket, proxy: EgressProxy, authority: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const credentials = proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization.reveal() };
    const asked = request({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...credentials },
      createConnection: () => socket,
      maxHeaderSize: 16 * 1024,
    });
    asked.once("connect", ({ statusCode = 0, headers }, _, early) => {
      if (statusCode < 200 || statusCode > 299) reject(refusal(statusCode, headers));
      // Nobody has asked the receiver for anything: what is there would pass for the answer to the first request.
      else if (early.length > 0) reject(new EgressError("connect.failed", "the proxy said more than an answer"));
      else resolve();
    });
    asked.on("error", () => reject(new EgressError("connect.failed", "the proxy gave no answer")));
    asked.end();
  });
}

/**
 * Connects through a tunnel of the proxy, also for plain HTTP: one kind of request to the proxy, and nothing of a message
 * that it could read where the receiver speaks TLS. Connections are pooled and bounded like any other.
 */
export function connectThroughProxy({ proxy, secure, connectMsMax }: TunnelOptions): buildConnector.connector {
  return (target, callback) => {
    const toProxy = connect({
      host: proxy.host,
      port: proxy.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    });
    let reached = false;
    let settled = false;
    const settle: buildConnector.Callback = (...[error, socket]) => {
      if (settled) {
        socket?.destroy();
        return;
      }
      settled = true;
      clearTimeout(timer);
      if (error === null) {
        callback(null, socket);
        return;
      }
      toProxy.destroy();
      callback(error, null);
    };
    const unreached = () => new EgressError("internal.proxy", "the proxy cannot be reached");
    const late = () => new EgressError("timeout.connect", "the connection took too long");
    const timer = setTimeout(() => settle(reached ? late() : unreached(), null), connectMsMax);

    toProxy.once("connect", () => (reached = true));
    // Whoever uses the connection hears of its end too; here it says that there never was one.
    toProxy.on("error", () => {
      if (!reached) settle(unreached(), null);
    });
    askForTunnel(toProxy, proxy, authorityOf(target)).then(
      () => {
        if (settled) return;
        if (target.protocol === "https:") secure({ ...target, httpSocket: toProxy }, settle);
        else settle(null, toProxy);
      },
      (error: unknown) => {
        const failure = error instanceof Error ? error : new EgressError("connect.failed", "the proxy gave no answer");
        settle(reached ? failure : unreached(), null);
      },
    );
  };
}
