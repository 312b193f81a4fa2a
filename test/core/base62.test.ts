import fc from "fast-check";
import KSUID from "ksuid";
import { expect, test } from "vitest";
import { bytesToBase62 } from "../../core/base62.js";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const valueOf = (text: string): bigint =>
  Array.from(text).reduce((value, digit) => value * 62n + BigInt(DIGITS.indexOf(digit)), 0n);

test("20 bytes are what the KSUID library makes of them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const text = bytesToBase62(bytes, 27);
      expect(text).toBe(new KSUID(Buffer.from(bytes)).string);
      expect(KSUID.parse(text).raw).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 1_000 },
  );
});

test("any number of bytes is the same number, filled up with zeros", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(10), (bytes, more) => {
      const chars = Math.ceil((bytes.length * 8) / Math.log2(62)) + more;
      const text = bytesToBase62(bytes, chars);
      expect(text).toHaveLength(chars);
      expect(valueOf(text)).toBe(BigInt(`0x0${Buffer.from(bytes).toString("hex")}`));
    }),
  );
});

test.each([
  ["nothing but zeros", 0, "000000000000000000000000000"],
  ["nothing but ones", 255, "aWgEPTl1tmebfsQzFP4bxwgy80V"],
])("%s: the ends of the range", (_what, byte, text) => {
  expect(bytesToBase62(new Uint8Array(20).fill(byte), 27)).toBe(text);
});
