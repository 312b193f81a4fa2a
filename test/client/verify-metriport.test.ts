import { createHmac } from "node:crypto";
import { MetriportMedicalApi } from "@metriport/api-sdk";
import { describe, expect, it } from "vitest";
import { isWebhookVerificationError, verifyMetriportWebhook } from "../../client/verify.js";
import type { VerifyMetriportWebhookOptions, WebhookRefusal } from "../../client/verify.js";

const KEY = "V1StGXR8_Z5jdHi6B-myT";
const OTHER_KEY = "a7Xq_0pLr-9TzVbW2sKdE";
/** Bodies and signatures made by the sender that receivers know. */
const PING = {
  payload:
    '{"ping":"abc123","meta":{"messageId":"11111111-1111-1111-1111-111111111111","when":"2024-01-01T00:00:00.000Z","type":"ping"}}',
  signature: "c5922dd2104b0ecd706f648792a8edf81b7c1eb5107e63d8a577d492f4b595db",
};
const MESSAGE = {
  payload:
    '{"meta":{"messageId":"22222222-2222-2222-2222-222222222222","when":"2024-01-01T00:00:00.000Z","type":"devices.health-data"},"users":[{"userId":"u1","sleep":[]}]}',
  signature: "25dc9b7d5286e1a089223fd178676c6348df2959cf427617e70303ce6fd0a7d2",
};

const signed = { "x-metriport-signature": MESSAGE.signature };
const keyed = { "x-webhook-key": KEY };
const valid = { payload: MESSAGE.payload, headers: { ...keyed, ...signed }, keys: KEY };

function refusalOf(options: VerifyMetriportWebhookOptions): WebhookRefusal | "accepted" {
  try {
    verifyMetriportWebhook(options);
    return "accepted";
  } catch (error) {
    if (isWebhookVerificationError(error)) return error.reason;
    throw error;
  }
}

const signatureOf = (key: string, payload: string | Uint8Array): string =>
  createHmac("sha256", key).update(payload).digest("hex");

/** What a caller without types might pass. */
function untyped(value: unknown): never {
  return value as never;
}

describe("a webhook in Metriport's form is accepted", () => {
  it.each([
    ["the signature alone", signed],
    ["the key alone", keyed],
    ["both", { ...keyed, ...signed }],
  ])("with %s", (_, headers) => {
    expect(verifyMetriportWebhook({ ...valid, headers })).toEqual({
      id: "22222222-2222-2222-2222-222222222222",
      ping: null,
      json: JSON.parse(MESSAGE.payload) as unknown,
      raw: MESSAGE.payload,
    });
  });

  it("exactly where Metriport's own SDK accepts the signature", () => {
    for (const signature of [MESSAGE.signature, PING.signature, MESSAGE.signature.toUpperCase(), "", "00"]) {
      const accepted = refusalOf({ ...valid, headers: { "x-metriport-signature": signature } }) === "accepted";
      expect(accepted).toBe(MetriportMedicalApi.verifyWebhookSignature(KEY, MESSAGE.payload, signature));
    }
  });

  it("and a ping says what it wants back", () => {
    const headers = { "x-metriport-signature": PING.signature };
    expect(verifyMetriportWebhook({ payload: PING.payload, headers, keys: KEY })).toMatchObject({
      id: "11111111-1111-1111-1111-111111111111",
      ping: "abc123",
    });
    const old = { payload: '{"ping":"abc"}', headers: keyed, keys: KEY };
    expect(verifyMetriportWebhook(old)).toMatchObject({ id: null, ping: "abc" });
  });

  it("with header names in any letter case, from a plain object, Headers or arrays", () => {
    const shouted = { "X-Webhook-Key": KEY, "X-METRIPORT-SIGNATURE": MESSAGE.signature };
    const lists = { "x-webhook-key": [KEY], "X-Metriport-Signature": [MESSAGE.signature] };
    for (const headers of [shouted, lists, new Headers(shouted)]) {
      expect(refusalOf({ ...valid, headers })).toBe("accepted");
    }
  });

  it("with either of two keys while one is replaced", () => {
    for (const keys of [
      [KEY, OTHER_KEY],
      [OTHER_KEY, KEY],
    ]) {
      expect(refusalOf({ ...valid, keys })).toBe("accepted");
    }
  });

  it("whatever its bytes are: text beyond ASCII, no JSON, a list, other types of the fields", () => {
    for (const [payload, json] of [
      ['{"name":"Grüße, 世界 🚀"}', { name: "Grüße, 世界 🚀" }],
      ["", undefined],
      ["plain text", undefined],
      ["[1]", [1]],
      ['{"ping":1,"meta":[]}', { ping: 1, meta: [] }],
    ] as const) {
      for (const form of [payload, Buffer.from(payload)]) {
        const headers = { "x-metriport-signature": signatureOf(KEY, payload) };
        const expected = { id: null, ping: null, json, raw: form };
        expect(verifyMetriportWebhook({ payload: form, headers, keys: KEY })).toEqual(expected);
      }
    }
    const binary = Uint8Array.from([0xff, 0x00, 0xfe]);
    const headers = { "x-metriport-signature": signatureOf(KEY, binary) };
    expect(verifyMetriportWebhook({ payload: binary, headers, keys: KEY }).json).toBeUndefined();
  });
});

describe("a webhook in Metriport's form is refused", () => {
  it("without either header, empty or absent", () => {
    for (const headers of [{}, { "x-webhook-key": "", "x-metriport-signature": undefined }, new Headers()]) {
      expect(refusalOf({ ...valid, headers })).toBe("missing_header");
    }
  });

  it("when one of the two is wrong, however right the other is", () => {
    expect(refusalOf({ ...valid, headers: { ...signed, "x-webhook-key": OTHER_KEY } })).toBe("no_matching_key");
    expect(refusalOf({ ...valid, headers: { ...keyed, "x-metriport-signature": PING.signature } })).toBe(
      "no_matching_signature",
    );
  });

  it("when the key is one of two and the signature is of the other", () => {
    const headers = { "x-webhook-key": OTHER_KEY, ...signed };
    expect(refusalOf({ ...valid, headers, keys: [KEY, OTHER_KEY] })).toBe("no_matching_signature");
  });

  it.each([`${KEY}x`, KEY.slice(1), KEY.toLowerCase(), ` ${KEY}`, `${KEY}, ${KEY}`, "x".repeat(100_000)])(
    "for the key %.40s",
    (key) => {
      expect(refusalOf({ ...valid, headers: { "x-webhook-key": key } })).toBe("no_matching_key");
    },
  );

  it.each([
    ["of another body", PING.signature],
    ["that is truncated", MESSAGE.signature.slice(0, -2)],
    ["with more behind it", `${MESSAGE.signature}00`],
    ["in upper case", MESSAGE.signature.toUpperCase()],
    ["in base64", Buffer.from(MESSAGE.signature, "hex").toString("base64")],
    ["without an end", MESSAGE.signature.repeat(1_000)],
  ])("for a signature %s", (_, signature) => {
    const headers = { "x-metriport-signature": signature };
    expect(refusalOf({ ...valid, headers })).toBe("no_matching_signature");
  });

  it("when a byte of the body is another than was signed", () => {
    expect(refusalOf({ ...valid, payload: MESSAGE.payload.replace("u1", "u2") })).toBe("no_matching_signature");
    expect(refusalOf({ ...valid, payload: `${MESSAGE.payload}\n` })).toBe("no_matching_signature");
  });

  it.each([
    ["empty", ""],
    ["one of several that is empty", [KEY, ""]],
    ["absent", []],
    ["longer than any", "x".repeat(1_025)],
    ["one of too many", Array.from({ length: 11 }, () => KEY)],
    ["of an environment variable that is not set", untyped(undefined)],
    ["a number", untyped([7])],
  ])("when the receiver's key is %s, whatever came", (_, keys) => {
    const headers = { "x-webhook-key": "", "x-metriport-signature": signatureOf("", MESSAGE.payload) };
    expect(refusalOf({ ...valid, keys })).toBe("invalid_secret");
    expect(refusalOf({ ...valid, headers, keys })).toBe("invalid_secret");
  });

  it("when the payload was parsed before, even if only the key came", () => {
    expect(refusalOf({ ...valid, headers: keyed, payload: untyped({ a: 1 }) })).toBe("payload_not_raw");
  });

  it("with words that show neither key nor payload", () => {
    for (const headers of [{ "x-webhook-key": OTHER_KEY }, { "x-metriport-signature": PING.signature }]) {
      expect(() => verifyMetriportWebhook({ ...valid, headers })).toThrow(
        /^(?:x-webhook-key is not the key|x-metriport-signature does not match the payload and the key)$/,
      );
    }
  });
});
