/** Webhooks that are verified with a public key. */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isWebhookVerificationError, verifyWebhook } from "../../client/verify.js";
import type { VerifyWebhookOptions, WebhookRefusal, WebhookSecret } from "../../client/verify.js";
import { DECOY, headersOf, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signatureOf } from "./signing.js";

/** The vector that Svix publishes for its own library. */
const VECTOR = {
  publicKey: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
  privateKey: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1614265330,
  payload: '{"test": 2432232314}',
  signature: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
};

const payload = '{"a":1}';
const [mine, other] = [pair(), pair()];
const signature = mine.signatureOf();

/** A key pair of Node's own making, and what it signs: an independent reading of the standard. */
function pair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    publicKey: `whpk_${Buffer.from(x, "base64url").toString("base64")}`,
    signatureOf(message: { id?: string; timestamp?: number; payload?: string } = {}): string {
      const { id = "msg_1", timestamp = NOW_SECONDS, payload: body = payload } = message;
      return `v1a,${sign(null, Buffer.from(`${id}.${timestamp}.${body}`), privateKey).toString("base64")}`;
    },
  };
}

function refusalOf(options: Partial<VerifyWebhookOptions>): WebhookRefusal | "accepted" {
  const headers = { ...headersOf(), "webhook-signature": signature };
  try {
    verifyWebhook({ payload, headers, now: NOW, ...options });
    return "accepted";
  } catch (error) {
    if (isWebhookVerificationError(error)) return error.reason;
    throw error;
  }
}

const withSignature = (value: string) => ({ ...headersOf(), "webhook-signature": value });

describe("with a public key, a webhook is accepted", () => {
  it("that has the published signature, in both header families", () => {
    for (const family of ["webhook", "svix"]) {
      const headers = {
        [`${family}-id`]: VECTOR.id,
        [`${family}-timestamp`]: String(VECTOR.timestamp),
        [`${family}-signature`]: VECTOR.signature,
      };
      const now = new Date(VECTOR.timestamp * 1000);
      const verified = verifyWebhook({ payload: VECTOR.payload, headers, secret: VECTOR.publicKey, now });
      expect(verified).toEqual({ id: VECTOR.id, timestamp: now, json: { test: 2432232314 }, raw: VECTOR.payload });
    }
  });

  it("whatever else is listed, with and without the padding of the key", () => {
    for (const value of [
      signature,
      `${signatureOf()} ${signature}`,
      `v1,${DECOY} ${other.signatureOf()} v2,x v1a, v1a,ü ${signature}`,
    ]) {
      for (const secret of [mine.publicKey, mine.publicKey.replace("=", "")]) {
        expect(refusalOf({ secret, headers: withSignature(value) })).toBe("accepted");
      }
    }
  });

  it("when one of several keys and secrets fits, whichever scheme that is of", () => {
    const secrets: WebhookSecret[][] = [
      [other.publicKey, mine.publicKey],
      [mine.publicKey, other.publicKey],
      [SECRET, mine.publicKey],
      [mine.publicKey, SECRET],
    ];
    for (const each of secrets) expect(refusalOf({ secrets: each })).toBe("accepted");
    for (const each of secrets.slice(2)) {
      expect(refusalOf({ secrets: each, headers: withSignature(signatureOf()) })).toBe("accepted");
    }
  });
});

describe("with a public key, a webhook is refused", () => {
  const secret = mine.publicKey;

  it.each([
    ["of another key", other.signatureOf()],
    ["of another id", mine.signatureOf({ id: "msg_2" })],
    ["of another timestamp", mine.signatureOf({ timestamp: NOW_SECONDS + 1 })],
    ["of another payload", mine.signatureOf({ payload: '{"a": 1}' })],
    ["that is truncated", signature.slice(0, -4)],
    ["with more behind it", `${signature}A`],
    ["with another text for the same bytes", signature.replace("==", "=")],
    ["that is empty", "v1a,"],
    ["that says it is an HMAC", signature.replace("v1a,", "v1,")],
    ["without a version", signature.slice(4)],
    ["that comes after sixteen others", `${`v1a,${DECOY} `.repeat(16)}${signature}`],
  ])("for a signature %s", (_name, value) => {
    expect(refusalOf({ secret, headers: withSignature(value) })).toBe("no_matching_signature");
  });

  it("with the sixteenth signature still looked at", () => {
    expect(refusalOf({ secret, headers: withSignature(`${`v1a,${DECOY} `.repeat(15)}${signature}`) })).toBe("accepted");
  });

  it("that is signed with a secret only, even where the key's bytes are that secret", () => {
    expect(refusalOf({ secret, headers: headersOf() })).toBe("no_matching_signature");
    const headers = headersOf({ secret: secret.replace("whpk_", "whsec_") });
    expect(refusalOf({ secret, headers })).toBe("no_matching_signature");
  });

  it("too late or with a dot in its id, as with a secret", () => {
    expect(refusalOf({ secret, now: new Date(NOW.getTime() + 301_000) })).toBe("timestamp_too_old");
    const headers = { ...withSignature(mine.signatureOf({ id: "a.b" })), "webhook-id": "a.b" };
    expect(refusalOf({ secret, headers })).toBe("invalid_id");
  });

  it("and the message names what would have had to match", () => {
    const message = (secrets: WebhookSecret[]) => () =>
      verifyWebhook({ payload: "another", headers: withSignature(signature), secrets, now: NOW });
    expect(message([secret])).toThrow("no v1a signature matches the payload and the public key");
    expect(message([secret, OTHER_SECRET])).toThrow("no v1 or v1a signature matches");
  });
});

describe("a key is refused", () => {
  const base64 = mine.publicKey.slice("whpk_".length);
  it.each([
    ["empty", "whpk_"],
    ["too short", `whpk_${Buffer.alloc(31, 1).toString("base64")}`],
    ["too long", `whpk_${Buffer.alloc(33, 1).toString("base64")}`],
    ["not base64", `whpk_${"*".repeat(43)}=`],
    ["base64 for URLs", `whpk_${"_".repeat(42)}8=`],
    ["followed by a line break", `whpk_${base64}\n`],
    ["with bits to spare", `whpk_${"A".repeat(42)}B=`],
  ])("that is %s, and the error does not show it", (_name, secret) => {
    expect(refusalOf({ secret })).toBe("invalid_secret");
    expect(() => verifyWebhook({ payload, headers: headersOf(), secret, now: NOW })).toThrow(
      /^a public key is not `whpk_` and base64 of 32 bytes$/,
    );
  });

  it("that lacks its prefix in part", () => {
    expect(refusalOf({ secret: mine.publicKey.slice(1) })).toBe("invalid_secret");
  });

  it("that is the private one, with the remedy and without showing it", () => {
    expect(refusalOf({ secret: VECTOR.privateKey })).toBe("invalid_secret");
    expect(() => verifyWebhook({ payload, headers: headersOf(), secret: VECTOR.privateKey, now: NOW })).toThrow(
      /^a private key was given: receivers verify with the public one, `whpk_` and base64$/,
    );
  });
});

it("the published signature is what Node makes of the published private key", () => {
  const seed = Buffer.from(VECTOR.privateKey.slice("whsk_".length), "base64").subarray(0, 32);
  const d = seed.toString("base64url");
  const x = Buffer.from(VECTOR.publicKey.slice("whpk_".length), "base64").toString("base64url");
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d, x }, format: "jwk" });
  const content = Buffer.from(`${VECTOR.id}.${VECTOR.timestamp}.${VECTOR.payload}`);
  expect(`v1a,${sign(null, content, key).toString("base64")}`).toBe(VECTOR.signature);
});
