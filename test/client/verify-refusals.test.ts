import { describe, expect, it } from "vitest";
import { isWebhookVerificationError, verifyWebhook, WebhookVerificationError } from "../../client/verify.js";
import type { VerifyWebhookOptions, WebhookRefusal } from "../../client/verify.js";
import { DECOY, headersOf, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signatureOf } from "./signing.js";

const payload = '{"a":1}';
const valid = { payload, headers: headersOf(), secret: SECRET, now: NOW };

function refusalOf(options: VerifyWebhookOptions): WebhookRefusal | "accepted" {
  try {
    verifyWebhook(options);
    return "accepted";
  } catch (error) {
    if (isWebhookVerificationError(error)) return error.reason;
    throw error;
  }
}

/** What a caller without types might pass. */
function untyped(value: unknown): never {
  return value as never;
}

describe("a webhook is refused", () => {
  it("only for what the cases below change: the same one unchanged is accepted", () => {
    expect(refusalOf(valid)).toBe("accepted");
  });

  it.each(["id", "timestamp", "signature"])(
    "without the header %s, empty or absent, which the message names",
    (name) => {
      for (const family of ["webhook", "svix"]) {
        for (const value of ["", undefined]) {
          const headers = { ...headersOf({}, family), [`${family}-${name}`]: value };
          expect(refusalOf({ ...valid, headers })).toBe("missing_header");
          expect(() => verifyWebhook({ ...valid, headers })).toThrow(`missing header: ${family}-${name}`);
        }
      }
    },
  );

  it("without any header, or with halves of two families", () => {
    expect(refusalOf({ ...valid, headers: {} })).toBe("missing_header");
    const mixed = {
      "webhook-id": "msg_1",
      "svix-timestamp": String(NOW_SECONDS),
      "webhook-signature": signatureOf(),
    };
    expect(refusalOf({ ...valid, headers: mixed })).toBe("missing_header");
  });

  it.each(["soon", "-1614265330", "1614265330.5", "1e9", "0x10", "+5", " 5", "NaN", "9".repeat(20)])(
    "for the timestamp %j, which is not a whole number of seconds",
    (timestamp) => {
      expect(refusalOf({ ...valid, headers: headersOf({ timestamp }) })).toBe("invalid_timestamp");
    },
  );

  it("more than five minutes after it was signed, or as long before", () => {
    expect(refusalOf({ ...valid, headers: headersOf({ timestamp: NOW_SECONDS - 301 }) })).toBe("timestamp_too_old");
    expect(refusalOf({ ...valid, headers: headersOf({ timestamp: NOW_SECONDS + 301 }) })).toBe("timestamp_too_new");
    expect(refusalOf({ ...valid, headers: headersOf({ timestamp: NOW_SECONDS - 1 }), toleranceSeconds: 0 })).toBe(
      "timestamp_too_old",
    );
  });

  it.each([
    ["of another message", `v1,${DECOY}`],
    ["that is truncated", signatureOf().slice(0, -4)],
    ["with more behind it", `${signatureOf()}A`],
    ["that is empty", "v1,"],
    ["without a version", signatureOf().slice(3)],
    ["of an unknown version", signatureOf().replace("v1,", "v2,")],
    ["that says it is of ed25519", signatureOf().replace("v1,", "v1a,")],
    ["in another letter case", signatureOf().toLowerCase()],
    ["separated by commas", `v1,${DECOY},${signatureOf()}`],
  ])("for a signature %s", (_name, signature) => {
    const headers = { ...headersOf(), "webhook-signature": signature };
    expect(refusalOf({ ...valid, headers })).toBe("no_matching_signature");
  });

  it("when the id, the timestamp, the payload or the secret is another than was signed", () => {
    const headers = headersOf();
    expect(refusalOf({ ...valid, headers: { ...headers, "webhook-id": "msg_2" } })).toBe("no_matching_signature");
    const later = String(NOW_SECONDS + 1);
    expect(refusalOf({ ...valid, headers: { ...headers, "webhook-timestamp": later } })).toBe("no_matching_signature");
    expect(refusalOf({ ...valid, payload: '{"a": 1}' })).toBe("no_matching_signature");
    expect(refusalOf({ ...valid, payload: `${payload}\n` })).toBe("no_matching_signature");
    expect(refusalOf({ ...valid, secret: OTHER_SECRET })).toBe("no_matching_signature");
  });

  it("when an id with a dot moves the border between timestamp and payload", () => {
    const signed = headersOf({ id: "msg_1", payload: `${NOW_SECONDS}.5` });
    const moved = { ...signed, "webhook-id": `msg_1.${NOW_SECONDS}` };
    expect(refusalOf({ ...valid, headers: moved, payload: "5" })).toBe("invalid_id");
  });

  it.each([
    ["empty", ""],
    ["nothing but its prefix", "whsec_"],
    ["no bytes", new Uint8Array()],
    ["not base64", "whsec_not*base64*at*all"],
    ["of an environment variable that is not set", untyped(undefined)],
  ])("when the secret is %s, and the error does not show it", (_name, secret) => {
    expect(refusalOf({ ...valid, secret })).toBe("invalid_secret");
    expect(() => verifyWebhook({ ...valid, secret })).toThrow(/^a secret is not `whsec_` and base64$/);
  });

  it("when there is no secret at all, or one of several is malformed", () => {
    expect(refusalOf({ payload, headers: headersOf(), secrets: [], now: NOW })).toBe("invalid_secret");
    expect(refusalOf({ payload, headers: headersOf(), secrets: [SECRET, ""], now: NOW })).toBe("invalid_secret");
  });

  it("when the payload was parsed before, even if it is the same JSON", () => {
    expect(refusalOf({ ...valid, payload: untyped({ a: 1 }) })).toBe("payload_not_raw");
    expect(refusalOf({ ...valid, payload: untyped(undefined) })).toBe("payload_not_raw");
  });
});

describe("the tolerance", () => {
  it.each([Number.NaN, -1])("cannot be %s, which would mean no check or no acceptance", (toleranceSeconds) => {
    expect(() => verifyWebhook({ ...valid, toleranceSeconds })).toThrow(RangeError);
  });
});

describe("a refusal", () => {
  it("is recognised by shape, also from another copy of the package", () => {
    const foreign = Object.assign(new Error("x"), { name: "WebhookVerificationError", reason: "invalid_id" });
    expect(isWebhookVerificationError(foreign)).toBe(true);
    expect(isWebhookVerificationError(new WebhookVerificationError("invalid_id", "x"))).toBe(true);
    expect(isWebhookVerificationError(new Error("x"))).toBe(false);
    expect(isWebhookVerificationError({ name: "WebhookVerificationError", reason: "invalid_id" })).toBe(false);
  });
});
