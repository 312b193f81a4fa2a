import { errorCode } from "./error-code.js";
import { EgressError } from "./egress-error.js";

/** c-ares says ENODATA for a name without such a record and ENOTFOUND for no such name; both mean that there is nothing. */
const NOT_FOUND: ReadonlySet<string> = new Set(["ENODATA", "ENOTFOUND", "ENONAME"]);
const TIMEOUT: ReadonlySet<string> = new Set(["ETIMEOUT", "ETIMEDOUT", "ECANCELLED"]);

/** The failure of one question, from an error of `node:dns` or its code. */
export function dnsFailure(error: unknown): EgressError {
  const code = typeof error === "string" ? error : errorCode(error);
  if (NOT_FOUND.has(code)) return new EgressError("dns.not_found", "the host name was not found");
  if (TIMEOUT.has(code)) return new EgressError("timeout.dns", "no name server answered in time");
  return new EgressError("dns.failed", "the host name could not be resolved");
}

/** Of the failures of two questions about one name the one that says more: "not found" must be true of both. */
export function worstDnsFailure(one: EgressError, other: EgressError): EgressError {
  return one.outcome === "dns.not_found" ? other : one;
}
