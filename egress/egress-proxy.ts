import { Secret } from "../core/secret.js";
import { bareHost } from "./address-guard.js";

/** A proxy that every connection goes through. It resolves names and decides which addresses may be called. */
export interface EgressProxy {
  /** A name or an address, without brackets. */
  host: string;
  port: number;
  /** The value of `proxy-authorization`; `null` without credentials. */
  authorization: Secret | null;
}

const FORM = /^http:\/\/(?:[^@/?#\s]+@)?(?:\[[^\]@]+\]|[^:@/?#\s[\]]+):(\d{1,5})\/?$/i;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Reads `http://host:port` or `http://user:password@host:port`; `null` for anything else, which may hold a password. */
export function parseProxy(text: string): EgressProxy | null {
  const [, digits] = FORM.exec(text) ?? [];
  if (digits === undefined || !URL.canParse(text)) return null;
  const url = new URL(text);
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (user === null || password === null || Number(digits) === 0) return null;
  const basic = Buffer.from(`${user}:${password}`).toString("base64");
  return {
    host: bareHost(url.hostname),
    // Not `url.port`, which is empty for port 80.
    port: Number(digits),
    authorization: user === "" && password === "" ? null : new Secret(`Basic ${basic}`),
  };
}
