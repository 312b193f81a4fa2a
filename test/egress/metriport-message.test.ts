import { MetriportMedicalApi } from "@metriport/api-sdk";
import { describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.js";
import { metriportBody, metriportHeaders, metriportSignature } from "../../egress/metriport-message.js";
import { generateWebhookKey, importWebhookKey } from "../../egress/webhook-key.js";

const KEY = "V1StGXR8_Z5jdHi6B-myT";

/** Bodies and signatures made by the sender that receivers know. */
const VECTORS: [string, string][] = [
  [
    '{"ping":"abc123","meta":{"messageId":"11111111-1111-1111-1111-111111111111","when":"2024-01-01T00:00:00.000Z","type":"ping"}}',
    "c5922dd2104b0ecd706f648792a8edf81b7c1eb5107e63d8a577d492f4b595db",
  ],
  [
    '{"meta":{"messageId":"22222222-2222-2222-2222-222222222222","when":"2024-01-01T00:00:00.000Z","type":"devices.health-data"},"users":[{"userId":"u1","sleep":[]}]}',
    "25dc9b7d5286e1a089223fd178676c6348df2959cf427617e70303ce6fd0a7d2",
  ],
];

const message = (text: string, contentType = "application/json") => ({
  payload: Buffer.from(text),
  contentType,
  eventId: "msg_p5jXN8AQM9LWM0D4loKWxJek0aB",
  eventType: "medical.document-download",
  createdAt: new Date("2026-01-02T03:04:05.678Z"),
});
const bodyOf = (text: string, contentType?: string): string =>
  Buffer.from(metriportBody(message(text, contentType))).toString();

describe("the signature of the profile metriport", () => {
  it.each(VECTORS)("is the one that receivers expect for %s", (body, signature) => {
    expect(metriportSignature(KEY, Buffer.from(body))).toBe(signature);
    expect(bodyOf(body)).toBe(body);
    expect(MetriportMedicalApi.verifyWebhookSignature(KEY, body, signature)).toBe(true);
  });

  it("goes out beside the key itself", () => {
    const secrets = [{ key: new Secret(KEY), createdAt: new Date(), expiresAt: null }];
    const [[body, signature] = ["", ""]] = VECTORS;
    const headers = ["x-webhook-key", KEY, "x-metriport-signature", signature];
    expect(metriportHeaders(secrets, Buffer.from(body))).toEqual(headers);
    expect(() => metriportHeaders([], Buffer.from(body))).toThrow("no key");
  });
});

describe("the body of the profile metriport", () => {
  it("has what identifies the message before the payload, the same on every attempt", () => {
    const expected =
      '{"meta":{"messageId":"9a317701-fea4-547c-813c-16fb66ba667e","when":"2026-01-02T03:04:05.678Z","type":"medical.document-download"},"patients":[{"patientId":"ä"}]}';
    expect(bodyOf('{"patients":[{"patientId":"ä"}]}')).toBe(expected);
    expect(bodyOf('{"patients":[{"patientId":"ä"}]}')).toBe(expected);
  });

  it("keeps the metadata that the payload brings, and completes it", () => {
    const { meta } = JSON.parse(bodyOf('{"users":[],"meta":{"data":{"batch":"7"},"requestId":"r1"}}')) as {
      meta: unknown;
    };
    expect(meta).toMatchObject({ type: "medical.document-download", data: { batch: "7" }, requestId: "r1" });
  });

  it.each([
    ["a list", "[1,2]", "application/json"],
    ["a text that is no JSON", "{", "application/json"],
    ["another content type", '{"a":1}', "text/plain"],
    ["JSON too deep to be written", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "application/json"],
    ["a key that poisons prototypes", '{"a":{"__proto__":{"b":1}}}', "application/json"],
    ["a number that would become null", '{"a":1e400}', "application/json"],
  ])("is the payload as it is where there is no place for more: %s", (_, text, contentType) => {
    expect(bodyOf(text, contentType)).toBe(text);
  });
});

describe("a key of the profile metriport", () => {
  it("has 21 characters and is never the same twice", () => {
    const keys = Array.from({ length: 100 }, () => generateWebhookKey().reveal());
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_-]{21}$/);
  });

  it("may be brought along as it is", () => {
    expect(importWebhookKey(KEY)?.reveal()).toBe(KEY);
    for (const bad of ["", "short", "with a space in the middle", "x".repeat(129), `${KEY}\r\nx: y`]) {
      expect(importWebhookKey(bad)).toBeNull();
    }
  });
});
