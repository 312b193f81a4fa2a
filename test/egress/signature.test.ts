import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it } from "vitest";
import type { SigningSecret } from "../../core/model.js";
import { Secret } from "../../core/secret.js";
import {
  generateSigningSecret,
  importSigningSecret,
  parseSigningSecret,
  signatureHeader,
  signV1,
} from "../../egress/signature.js";
import type { SignedMessage } from "../../egress/signature.js";

const secret = (text: string, expiresAt: Date | null = null): SigningSecret => ({
  key: new Secret(text),
  createdAt: new Date(0),
  expiresAt,
});

const headerOf = (secrets: readonly SigningSecret[], message: SignedMessage): string =>
  signatureHeader({ secrets, asymmetricKeys: [] }, message);

/** Vectors that the libraries and the documentation of Svix and Standard Webhooks publish. */
const VECTORS = [
  {
    name: "most libraries",
    base64: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1614265330,
    body: '{"test": 2432232314}',
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  },
  {
    name: "the Rust library",
    base64: "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    timestamp: 1649367553,
    body: '{"email":"test@example.com","username":"test_user"}',
    signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
  },
  {
    name: "Svix's documentation",
    base64: "plJ3nmyCDGBKInavdOK15jsl",
    id: "msg_loFOjxBNrRLzqYUf",
    timestamp: 1731705121,
    body: '{"event_type":"ping","data":{"success":true}}',
    signature: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
  },
];

describe("a v1 signature", () => {
  it.each(VECTORS)("is the published one of $name", ({ base64, id, timestamp, body, signature }) => {
    const key = createSecretKey(Buffer.from(base64, "base64"));
    expect(signV1(key, { id, timestamp, payload: Buffer.from(body) })).toBe(signature);
  });

  it.each(['{"a":1}', '{"name":"Grüße, 世界 🚀"}'])(
    "of %j convinces the libraries of Svix and Standard Webhooks",
    (body) => {
      const text = generateSigningSecret(randomBytes).reveal();
      const timestamp = Math.floor(Date.now() / 1000);
      const value = headerOf([secret(text)], { id: "msg_1", timestamp, payload: Buffer.from(body) });
      const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(timestamp), "webhook-signature": value };
      const svixHeaders = { "svix-id": "msg_1", "svix-timestamp": String(timestamp), "svix-signature": value };
      expect(() => new StandardWebhook(text).verify(body, headers)).not.toThrow();
      expect(() => new SvixWebhook(text).verify(body, svixHeaders)).not.toThrow();
    },
  );
});

describe("the signature header", () => {
  const now = 1_700_000_000;
  const message = { id: "msg_1", timestamp: now, payload: Buffer.from("{}") };
  const [one, two] = [generateSigningSecret(randomBytes).reveal(), generateSigningSecret(randomBytes).reveal()];

  it("has a signature of every live secret, newest first, and either convinces", () => {
    const timestamp = Math.floor(Date.now() / 1000);
    const at = { ...message, timestamp };
    const value = headerOf([secret(one), secret(two, new Date(Date.now() + 60_000))], at);
    expect(value).toBe(`${headerOf([secret(one)], at)} ${headerOf([secret(two)], at)}`);
    const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(timestamp), "webhook-signature": value };
    for (const text of [one, two]) {
      expect(() => new StandardWebhook(text).verify("{}", headers)).not.toThrow();
      expect(() => new SvixWebhook(text).verify("{}", headers)).not.toThrow();
    }
  });

  it("has none of a secret that has expired", () => {
    const value = headerOf([secret(one), secret(two, new Date(now * 1000))], message);
    expect(value).toBe(headerOf([secret(one)], message));
  });

  it("does not exist without a live secret", () => {
    expect(() => headerOf([], message)).toThrow();
    expect(() => headerOf([secret(one, new Date(0))], message)).toThrow();
  });

  it("does not exist with a malformed secret, and the error does not show it", () => {
    expect(() => headerOf([secret("whsec_c2hvcnQ=")], message)).toThrow(/^a signing secret is malformed$/);
  });

  it.each(["msg.1", "msg 1", "", "msg_1\n", "msg_ü"])(
    "does not exist for the id %j, which could be read in two ways",
    (id) => {
      expect(() => headerOf([secret(one)], { ...message, id })).toThrow();
    },
  );

  it("signs bytes, whether or not they are UTF-8", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        fc.pre(!Buffer.from(a).equals(Buffer.from(b)));
        const sign = (payload: Uint8Array) => headerOf([secret(one)], { ...message, payload });
        expect(sign(a)).not.toBe(sign(b));
      }),
    );
  });
});

describe("a signing secret", () => {
  it("that was generated has 32 bytes from the given source and is accepted again", () => {
    const bytes = Buffer.alloc(32, 7);
    const generated = generateSigningSecret((count) => bytes.subarray(0, count));
    expect(generated.reveal()).toBe(`whsec_${bytes.toString("base64")}`);
    expect(parseSigningSecret(generated.reveal())).toEqual(bytes);
  });

  it("is accepted with 24 to 64 bytes, with and without its prefix, and stored with it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (bytes) => {
        const base64 = Buffer.from(bytes).toString("base64");
        const legal = bytes.length >= 24 && bytes.length <= 64;
        expect(importSigningSecret(base64)?.reveal()).toBe(legal ? `whsec_${base64}` : undefined);
        expect(importSigningSecret(`whsec_${base64}`)?.reveal()).toBe(legal ? `whsec_${base64}` : undefined);
      }),
    );
  });

  it.each([
    "",
    "whsec_",
    "!".repeat(40),
    `whsec_${"A".repeat(33)}`,
    `whsec_${"A".repeat(42)}B=`,
    `whsec_${"A".repeat(31)}=`,
    `whsec_${"=".repeat(40)}`,
    `whsec_${"A".repeat(16)}-_${"A".repeat(18)}`,
    `WHSEC_${"A".repeat(32)}`,
    `whsec_${"A".repeat(32)}\n`,
    ` whsec_${"A".repeat(32)}`,
    `whsk_${"A".repeat(32)}`,
  ])("%j is none", (text) => {
    expect(parseSigningSecret(text)).toBeNull();
    expect(importSigningSecret(text)).toBeNull();
  });
});
