import { describe, expect, it } from "vitest";
import { customHeaderProblem } from "../../egress/custom-headers.js";
import { requestHeaders } from "../../egress/request-headers.js";
import { outgoing } from "./harness.js";

const REFUSED = [
  "Host",
  "Connection",
  "Content-Length",
  "content-length",
  "Transfer-Encoding",
  "TE",
  "Trailer",
  "Trailers",
  "Upgrade",
  "Keep-Alive",
  "Expect",
  "Content-Type",
  "Content-Encoding",
  "Content-Language",
  "Content-Location",
  "Accept-Encoding",
  "User-Agent",
  "Proxy-Authenticate",
  "Proxy-Authorization",
  "Proxy-Connection",
  "Age",
  "Cache-Control",
  "Clear-Site-Data",
  "Expires",
  "Pragma",
  "Warning",
  "webhook-id",
  "Webhook-Signature",
  "WEBHOOK-anything",
  "svix-id",
  "x-svix-thing",
  "X-Posthorn-Thing",
  "X-Amz-Date",
  "x-amzn-trace-id",
  "X-Google-Thing",
  "x-goog-iap",
  "x-gfe-x",
  "x-azure-ref",
  "x-fd-healthprobe",
  "X-Forwarded-For",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-client-cert",
  "Forwarded",
  "Via",
  "X-Real-IP",
  "X-Client-IP",
  "True-Client-IP",
  "CF-Connecting-IP",
];

describe("a custom header", () => {
  it.each(["Authorization", "X-Api-Key", "x-tenant", "Accept", "X-Webhook-Key", "!#$%&'*+.^_`|~"])(
    "may be named %s",
    (name) => {
      expect(customHeaderProblem(name, 'Bearer abc, def; ghi="ä"\t')).toBeNull();
    },
  );

  it.each(REFUSED)("may not be named %s, in any spelling", (name) => {
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(customHeaderProblem(spelled, "x")).toMatch(/reserved/);
    }
  });

  it.each(["", " ", "a b", "a:b", "a\r\nb", "ä", "a\0", "(a)", "x".repeat(200)])("may not be named %j", (name) => {
    expect(customHeaderProblem(name, "x")).not.toBeNull();
  });

  it.each(["a\r\nx: y", "a\nb", "a\rb", "a\0b", "世", "a\u0100", "\u007f"])("may not have the value %j", (value) => {
    expect(customHeaderProblem("x-a", value)).not.toBeNull();
  });

  it("that was stored before it was refused is not sent", () => {
    const headers = { "X-Forwarded-For": "127.0.0.1", via: "1.1 a", "x-tenant": "acme" };
    const request = outgoing("https://hooks.acme.com/", { headers });
    const sent = requestHeaders(request, request.payload, { agent: "Posthorn/1.2.3", nowMs: 0 });
    const names = sent.filter((_, at) => at % 2 === 0).map((it) => it.toLowerCase());
    expect(names).toContain("x-tenant");
    expect(names.filter((it) => it === "x-forwarded-for" || it === "via")).toEqual([]);
  });

  it("may have a value of 4096 bytes and no more", () => {
    expect(customHeaderProblem("x-a", "ä".repeat(4096))).toBeNull();
    expect(customHeaderProblem("x-a", "a".repeat(4097))).not.toBeNull();
  });
});
