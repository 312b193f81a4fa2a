import type { OutcomeClass } from "../core/outcome.js";
import { EgressError } from "./egress-error.js";
import { errorCode } from "./error-code.js";

export type FailureClass = Exclude<OutcomeClass, "ok">;

/** Codes of Node.js, OpenSSL and undici. Codes and names only: messages change, and can carry addresses. */
const BY_CODE: Readonly<Record<string, FailureClass>> = {
  ENOTFOUND: "dns.not_found",
  EAI_AGAIN: "dns.failed",
  ECONNREFUSED: "connect.refused",
  ECONNRESET: "connect.reset",
  ECONNABORTED: "connect.reset",
  EPIPE: "connect.reset",
  EHOSTUNREACH: "connect.unreachable",
  EHOSTDOWN: "connect.unreachable",
  ENETUNREACH: "connect.unreachable",
  ENETDOWN: "connect.unreachable",
  EADDRNOTAVAIL: "connect.unreachable",
  ETIMEDOUT: "timeout.connect",
  UND_ERR_CONNECT_TIMEOUT: "timeout.connect",
  UND_ERR_HEADERS_TIMEOUT: "timeout.headers",
  UND_ERR_BODY_TIMEOUT: "timeout.total",
  UND_ERR_HEADERS_OVERFLOW: "protocol",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "protocol",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "protocol",
  CERT_HAS_EXPIRED: "tls.expired",
  CERT_NOT_YET_VALID: "tls.expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls.hostname",
  HOSTNAME_MISMATCH: "tls.hostname",
  CERT_CHAIN_TOO_LONG: "tls.untrusted",
  CERT_REJECTED: "tls.untrusted",
  CERT_REVOKED: "tls.untrusted",
  CERT_SIGNATURE_FAILURE: "tls.untrusted",
  CERT_UNTRUSTED: "tls.untrusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls.untrusted",
  INVALID_CA: "tls.untrusted",
  INVALID_PURPOSE: "tls.untrusted",
  PATH_LENGTH_EXCEEDED: "tls.untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "tls.untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "tls.untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls.untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls.untrusted",
};

/** OpenSSL's reasons for "we do not speak the same protocol": no TLS at all, or only versions below 1.2. */
const TLS_PROTOCOL =
  /^ERR_SSL_.*(?:WRONG_VERSION_NUMBER|PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)/;

/**
 * The class of what ended a request without a status.
 *
 * @param answerBegun whether a byte of the answer had arrived: undici has one code for a connection that ends and for an
 *   answer that makes no sense
 */
export function classifyError(error: unknown, answerBegun: boolean): FailureClass {
  if (error instanceof EgressError) return error.outcome;
  const code = errorCode(error);
  if (code === "UND_ERR_SOCKET") return answerBegun ? "protocol" : "connect.reset";
  const listed = BY_CODE[code];
  if (listed !== undefined) return listed;
  if (TLS_PROTOCOL.test(code)) return "tls.protocol";
  if (/^(?:ERR_SSL_|ERR_TLS_|CERT_|CRL_|EPROTO$)/.test(code)) return "tls.failed";
  if (error instanceof Error && error.name === "HTTPParserError") return "protocol";
  return code.startsWith("E") && !code.startsWith("ERR_") ? "connect.failed" : "internal.error";
}
