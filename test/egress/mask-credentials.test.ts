import { describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.js";
import { maskCredentials } from "../../egress/mask-credentials.js";
import { outgoing, testReceiver, testSender } from "./harness.js";

const url = "https://hooks.acme.com/in?token=t0ken%2Fvalue&v=2";
const headers = { authorization: "Bearer abc-def-ghi", "x-quoted": 'with "quotes" in it', "x-short": "a" };
const masked = (answer: string, overrides = {}) => maskCredentials(answer, outgoing(url, { headers, ...overrides }));

describe("the answer of a receiver", () => {
  it.each([
    ["a header", "you sent Bearer abc-def-ghi", "you sent [masked]"],
    ["a token without its scheme", "unknown: abc-def-ghi", "unknown: [masked]"],
    ["a header in JSON", JSON.stringify({ got: headers["x-quoted"] }), '{"got":"[masked]"}'],
    ["the query", "no route /in?token=t0ken%2Fvalue&v=2", "no route /in?[masked]"],
    ["a parameter", "wrong token t0ken/value", "wrong token [masked]"],
    ["several", "abc-def-ghi t0ken/value abc-def-ghi", "[masked] [masked] [masked]"],
    ["a short value, which is no credential", "a 2 b", "a 2 b"],
    ["nothing of the request", "thanks", "thanks"],
    ["nothing", "", ""],
  ])("that repeats %s is kept without it", (_what, answer, expected) => {
    expect(masked(answer)).toBe(expected);
  });

  it("does not show the key that Metriport's receivers are sent", () => {
    const key = { key: new Secret("key-of-the-webhook"), createdAt: new Date(), expiresAt: null };
    const answer = "expected another key than key-of-the-webhook";
    expect(masked(answer, { profile: "metriport", secrets: [key] })).toBe("expected another key than [masked]");
  });

  it("is on record without what the receiver was told", async () => {
    const receiver = await testReceiver({
      respond: (request) => ({ status: 500, body: JSON.stringify([request.path, request.headers]) }),
    });
    const result = await testSender().send(outgoing(`${receiver.url}?token=t0ken-value`, { headers }));
    expect(receiver.requests[0]?.headers.authorization).toBe(headers.authorization);
    expect(result.responseBody).toContain('"authorization":"[masked]"');
    expect(result.responseBody).not.toMatch(/abc-def-ghi|t0ken-value/);
  });
});
