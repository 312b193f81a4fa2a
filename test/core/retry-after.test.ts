import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../core/retry.js";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The three forms of RFC 9110, 5.6.7, of one moment. */
function dateForms(at: Date): { imf: string; rfc850: string; asctime: string } {
  const imf = at.toUTCString();
  const [, day = "", month = "", year = "", time = ""] = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\S+) GMT$/.exec(imf) ?? [];
  const name = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(at);
  return {
    imf,
    rfc850: `${name}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
    asctime: `${imf.slice(0, 3)} ${month} ${String(Number(day)).padStart(2, " ")} ${time} ${year}`,
  };
}

describe("Retry-After", () => {
  it("takes whole seconds", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), (seconds) => {
        expect(parseRetryAfter(String(seconds), NOW)).toBe(seconds * 1000);
      }),
    );
  });

  it("takes the three date forms of RFC 9110 as times from now", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400 * 365 }), (seconds) => {
        const { imf, rfc850, asctime } = dateForms(new Date(NOW + seconds * 1000));
        expect(parseRetryAfter(imf, NOW)).toBe(seconds * 1000);
        expect(parseRetryAfter(rfc850, NOW)).toBe(seconds * 1000);
        expect(parseRetryAfter(asctime, NOW)).toBe(seconds * 1000);
      }),
    );
  });

  it("takes a date in the past as no wait", () => {
    expect(parseRetryAfter("Fri, 02 Jan 2026 03:04:04 GMT", NOW)).toBe(0);
    expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW)).toBe(0);
  });

  it("ignores white space around the value", () => {
    expect(parseRetryAfter(" 120\t", NOW)).toBe(120_000);
  });

  it.each([
    "-5",
    "1.5",
    "120.1",
    "+5",
    "1e3",
    "0x10",
    "",
    " ",
    "1234567890",
    "120 s",
    "120, 130",
    "tomorrow",
    "2026-01-02T03:04:05Z",
    "Fri, 02 Jan 2026 03:04:05 +0100",
    "Fri, 2 Jan 2026 03:04:05 GMT",
    "Fri, 02 Foo 2026 03:04:05 GMT",
    "Fri, 02 Jan 2026 25:61:61 GMT",
  ])("takes %j for no hint at all", (value) => {
    expect(parseRetryAfter(value, NOW)).toBeNull();
  });

  it("answers null without a header, and never throws or answers less than 0", () => {
    expect(parseRetryAfter(null, NOW)).toBeNull();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (value) => {
        const parsed = parseRetryAfter(value, NOW);
        expect(parsed === null || parsed >= 0).toBe(true);
      }),
    );
  });
});
