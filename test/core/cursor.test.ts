import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cursor } from "../../core/cursor.js";
import { decodeCursor, encodeCursor } from "../../core/cursor.js";

const cursor: fc.Arbitrary<Cursor> = fc.record({
  order: fc.constantFrom("newest", "oldest"),
  after: fc.stringMatching(/^[0-9A-Za-z_.:-]{1,300}$/),
});

describe("a cursor", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(cursor, (it) => {
        expect(decodeCursor(encodeCursor(it))).toEqual(it);
      }),
    );
  });

  it("needs no escaping in a URL", () => {
    fc.assert(
      fc.property(cursor, (it) => {
        expect(encodeCursor(it)).toMatch(/^[0-9A-Za-z_-]+$/);
      }),
    );
  });

  it("holds the longest name that a list can end at", () => {
    const longest: Cursor = { order: "oldest", after: "x".repeat(256) };
    expect(decodeCursor(encodeCursor(longest))).toEqual(longest);
  });

  it("that nobody handed out is null, and never an error", () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.base64String(),
      fc.stringMatching(/^[0-9A-Za-z_-]{1,40}$/),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        const decoded = decodeCursor(text);
        if (decoded !== null) expect(decodeCursor(encodeCursor(decoded))).toEqual(decoded);
      }),
    );
  });

  it.each([
    "",
    "=",
    "e30",
    btoa("2nep_x"),
    btoa("1xep_x"),
    btoa("1n"),
    btoa("1nep x"),
    btoa("1n$gt"),
    "x".repeat(1_001),
  ])("%j is none", (text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});
