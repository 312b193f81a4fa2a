import { errors } from "undici";
import { describe, expect, it } from "vitest";
import { classifyError } from "../../egress/classify-error.js";
import { describeFailure } from "../../egress/describe-failure.js";
import { blockedAddress } from "../../egress/egress-error.js";

const withCode = (code: string) => Object.assign(new Error("a message with 10.0.0.1"), { code });

describe("the class of a failure", () => {
  it.each([
    ["ECONNREFUSED", "connect.refused"],
    ["ECONNRESET", "connect.reset"],
    ["EPIPE", "connect.reset"],
    ["EHOSTUNREACH", "connect.unreachable"],
    ["ENETUNREACH", "connect.unreachable"],
    ["EMFILE", "connect.failed"],
    ["ETIMEDOUT", "timeout.connect"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout.connect"],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout.headers"],
    ["UND_ERR_HEADERS_OVERFLOW", "protocol"],
    ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "protocol"],
    ["CERT_HAS_EXPIRED", "tls.expired"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls.untrusted"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls.untrusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls.untrusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls.hostname"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls.protocol"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "tls.protocol"],
    ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "tls.failed"],
    ["EPROTO", "tls.failed"],
    ["UND_ERR_INVALID_ARG", "internal.error"],
    ["UND_ERR_DESTROYED", "internal.error"],
    ["UND_ERR_CLOSED", "internal.error"],
  ])("%s is %s, whatever the message says", (code, outcome) => {
    expect(classifyError(withCode(code), false)).toBe(outcome);
  });

  it("of a connection that ends depends on whether an answer had begun", () => {
    expect(classifyError(new errors.SocketError("other side closed"), false)).toBe("connect.reset");
    expect(classifyError(new errors.SocketError("other side closed"), true)).toBe("protocol");
  });

  it("of an answer that undici cannot parse is found without a code", () => {
    expect(classifyError(new errors.HTTPParserError("bad"), true)).toBe("protocol");
  });

  it("of several addresses that all failed is that of the first", () => {
    const both = new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")]);
    expect(classifyError(both, false)).toBe("connect.refused");
  });

  it("of what egress refused itself is the one it gave", () => {
    expect(classifyError(blockedAddress(), false)).toBe("blocked.address");
  });

  it("of anything unknown is our own failure, which no receiver is charged for", () => {
    expect(classifyError(new TypeError("x is not a function"), false)).toBe("internal.error");
    expect(classifyError("a text", false)).toBe("internal.error");
    expect(classifyError(null, true)).toBe("internal.error");
  });
});

describe("the words for a failure", () => {
  it("say no more about a blocked destination than that it is one", () => {
    expect(describeFailure("blocked.address", null)).toBe("destination not allowed");
  });

  it("name the status where there is one", () => {
    expect(describeFailure("http.503", 503)).toBe("the receiver answered with a failure (HTTP 503)");
    expect(describeFailure("gone", 410)).toContain("410");
  });
});
