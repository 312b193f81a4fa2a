import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createApiKey, createApiKeyText, hashApiKey, parseApiKeyId } from "../../api/keys/api-key.js";
import { checksum } from "../../api/keys/checksum.js";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });

test("every key has the published form and finds its row by its id", () => {
  fc.assert(
    fc.property(bytes(9), bytes(32), (id, secret) => {
      const text = createApiKeyText((count) => (count === 9 ? id : secret));
      expect(text).toMatch(/^phk_[0-9A-Za-z]{13}_[0-9A-Za-z]{49}$/);
      expect(parseApiKeyId(text)).toBe(text.slice(4, 17));
    }),
  );
});

test("a key with one wrong character is no key", () => {
  const text = createApiKeyText(randomBytes);
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: text.length - 1 }),
      fc.constantFrom("0", "a", "Z", "_", "9"),
      (at, character) => {
        fc.pre(text[at] !== character);
        expect(parseApiKeyId(text.slice(0, at) + character + text.slice(at + 1))).toBeNull();
      },
    ),
  );
});

test("the checksum is CRC-32 in base 62", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
      expect(Array.from(checksum(text)).reduce((value, digit) => value * 62 + DIGITS.indexOf(digit), 0)).toBe(
        crc32(text),
      );
    }),
  );
});

test("a row keeps the digest and the last four characters, never the key", () => {
  const now = new Date();
  const { text, row } = createApiKey({ name: "ci", applicationId: null, now, randomBytes });
  expect(row).toEqual({
    id: parseApiKeyId(text.reveal()),
    name: "ci",
    applicationId: null,
    scopes: null,
    rateLimitPerSecond: null,
    hash: hashApiKey(text.reveal()),
    last4: text.reveal().slice(-4),
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  });
  expect(JSON.stringify(row)).not.toContain(text.reveal().slice(18, 60));
  expect(JSON.stringify(text)).toBe('"[redacted]"');
});
