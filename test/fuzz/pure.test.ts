import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "../../core/cursor.js";
import { matchEndpoint } from "../../core/filter.js";
import { LIMITS } from "../../core/limits.js";
import { decideRetry, parseRetryAfter, RETRY_AFTER_MS_MAX } from "../../core/retry.js";
import { createAddressGuard } from "../../egress/address-guard.js";
import { customHeaderProblem } from "../../egress/custom-headers.js";
import { parseSigningSecret } from "../../egress/signature.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { forCases, FUZZ_TIMEOUT } from "./running.js";
import { hostileText, mutated } from "./texts.js";

const CASES = 1_500;

test("any Retry-After is a wait within bounds or none", FUZZ_TIMEOUT, async () => {
  const forms = fc.constantFrom(
    "120",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  );
  const now = fc.integer({ min: 0, max: 4_102_444_800_000 });
  const outcome = fc.constantFrom("rate_limited" as const, "http.503" as const, "http.502" as const);
  const value = fc.oneof(forms, mutated(forms), hostileText);
  await forCases(CASES, fc.tuple(value, now, outcome), ([text, nowMs, failed]) => {
    const retryAfterMs = parseRetryAfter(text, nowMs);
    if (retryAfterMs !== null) expect(retryAfterMs).toBeGreaterThanOrEqual(0);
    const policy = { scheduleSeconds: [3_600], jitter: 0.5 };
    const decision = decideRetry({ policy, attemptsMade: 1, outcome: failed, retryAfterMs, random: 0.999 });
    expect(decision.kind).toBe("retry");
    if (decision.kind === "retry") expect(decision.delayMs).toBeLessThanOrEqual(RETRY_AFTER_MS_MAX);
  });
});

test("any cursor is one of ours, and then the same again, or none", FUZZ_TIMEOUT, async () => {
  const real = fc.tuple(
    fc.constantFrom("newest" as const, "oldest" as const),
    fc.stringMatching(/^[0-9A-Za-z_.:-]{1,80}$/),
  );
  const texts = real.map(([order, after]) => encodeCursor({ order, after }));
  await forCases(CASES, fc.oneof(texts, mutated(texts), fc.base64String(), hostileText), (text) => {
    const cursor = decodeCursor(text);
    if (cursor !== null) expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
  });
});

test("any signing secret is 24 to 64 bytes or none", FUZZ_TIMEOUT, async () => {
  const real = fc
    .uint8Array({ minLength: 20, maxLength: 70 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`);
  await forCases(CASES, fc.oneof(real, mutated(real), fc.base64String(), hostileText), (text) => {
    const bytes = parseSigningSecret(text);
    if (bytes === null) return;
    expect(bytes.length).toBeGreaterThanOrEqual(LIMITS.secretBytesMin);
    expect(bytes.length).toBeLessThanOrEqual(LIMITS.secretBytesMax);
    expect(text.endsWith(bytes.toString("base64"))).toBe(true);
  });
});

test("any URL is one that fetch takes, without credentials, or has a problem in words", FUZZ_TIMEOUT, async () => {
  const policy = createUrlPolicy({ guard: createAddressGuard(), ownUrl: "https://hooks.example.com/" });
  const real = fc.constantFrom(
    "https://receiver.example.com/hook?a=b#c",
    "http://203.0.113.7:8080/",
    "https://[2606:4700::1111]/",
    "https://xn--bcher-kva.example.com",
  );
  const texts = fc.oneof(real, mutated(real), mutated(mutated(real)), fc.webUrl(), hostileText);
  await forCases(2 * CASES, texts, (text) => {
    const verdict = policy.check(text);
    if (!verdict.ok) {
      expect(verdict.problem.length).toBeLessThan(300);
      return;
    }
    const parsed = new URL(text);
    expect(parsed.href.length).toBeLessThanOrEqual(LIMITS.urlCharsMax);
    expect([parsed.username, parsed.password]).toEqual(["", ""]);
    expect(parsed.protocol).toMatch(/^https?:$/);
  });
});

test("any header that is taken is one that can be sent", FUZZ_TIMEOUT, async () => {
  const name = fc.oneof(
    fc.stringMatching(/^[!-~]{1,20}$/),
    mutated(fc.constantFrom("x-trace", "Host", "webhook-id")),
    hostileText,
  );
  await forCases(CASES, fc.tuple(name, fc.oneof(fc.string(), hostileText)), ([header, value]) => {
    const problem = customHeaderProblem(header, value);
    if (problem !== null) {
      expect(problem.length).toBeLessThan(300);
      return;
    }
    // What is not an HTTP header throws here.
    expect(new Headers([[header, value]]).has(header)).toBe(true);
  });
});

test("any endpoint gets any event or not, with a reason", FUZZ_TIMEOUT, async () => {
  const names = fc.array(fc.oneof(fc.constantFrom("a.b", "a.*", ".*", "*"), hostileText), { maxLength: 4 });
  const endpoint = fc.record({
    id: hostileText,
    status: fc.constantFrom("active" as const, "paused" as const, "disabled" as const),
    eventTypes: names,
    channels: names,
    pairedEvents: fc.constantFrom("both" as const, "group" as const, "granular" as const),
  });
  const event = fc.record({
    eventType: hostileText,
    channels: names,
    pairRole: fc.constantFrom(null, "group" as const, "granular" as const),
    endpointIds: fc.option(names),
  });
  await forCases(CASES, fc.tuple(endpoint, event), ([one, other]) => {
    const match = matchEndpoint(one, other);
    expect(match.matched).toBe(match.reason === "matched" || match.reason === "forced");
    expect(match.explanation).not.toBe("");
  });
});
