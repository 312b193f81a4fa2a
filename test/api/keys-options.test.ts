import { expect, test } from "vitest";
import { parseExpiry, parseRateLimit, parseScopes } from "../../runtime/cli/key-options.js";
import { printable } from "../../runtime/cli/print.js";

const NOW = new Date("2026-11-22T12:00:00Z");

test.each([
  ["90d", "2027-02-20T12:00:00.000Z"],
  ["12h", "2026-11-23T00:00:00.000Z"],
  ["30m", "2026-11-22T12:30:00.000Z"],
  ["2027-01-31T00:00:00Z", "2027-01-31T00:00:00.000Z"],
  ["2027-01-31T00:00:00+02:00", "2027-01-30T22:00:00.000Z"],
])("--expires %s ends at %s", (text, expected) => {
  expect(parseExpiry(text, NOW)?.toISOString()).toBe(expected);
});

test.each(["tomorrow", "90", "d", "-1d", "1.5d", "2027-01-31", "2027-01-31T00:00:00", "2027-13-31T00:00:00Z", ""])(
  "--expires %j is refused with the forms that are known",
  (text) => {
    expect(() => parseExpiry(text, NOW)).toThrow("90d, 12h or 30m");
  },
);

test.each(["0m", "2026-11-22T12:00:00Z", "2020-01-01T00:00:00Z"])("--expires %s is not in the future", (text) => {
  expect(() => parseExpiry(text, NOW)).toThrow("not in the future");
});

test("scopes are taken once each, and an unknown one is refused with those that exist", () => {
  expect(parseScopes(["events:read", "events:write", "events:read"])).toEqual(["events:read", "events:write"]);
  expect(() => parseScopes(["events:eat"])).toThrow("audit:read");
});

test("a rate limit is a number of requests a second within its bounds", () => {
  expect([parseRateLimit("5"), parseRateLimit("0.5"), parseRateLimit("10000")]).toEqual([5, 0.5, 10_000]);
  for (const text of ["0", "-3", "many", "10001", "1e3", ""])
    expect(() => parseRateLimit(text)).toThrow("0.01 to 10000");
});

test("what is not given is no bound", () => {
  expect([parseScopes(undefined), parseExpiry(undefined, NOW), parseRateLimit(undefined)]).toEqual([null, null, null]);
});

test("a name that somebody gave a key writes no line of its own and does not steer the terminal", () => {
  expect(printable("a\n\u001b[2Jb\u009b1mc\u202ed\u2028e")).toBe("a\u{fffd}\u{fffd}[2Jb\u{fffd}1mc\u{fffd}d\u{fffd}e");
  expect(printable("Münchner Büro — 東京 🗝")).toBe("Münchner Büro — 東京 🗝");
});
