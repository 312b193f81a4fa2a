/** Signatures of ed25519, checked by Node with the public key: the libraries of Svix and Standard Webhooks skip them. */
import { createPublicKey, randomBytes, verify } from "node:crypto";
import fc from "fast-check";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "../../client/verify.js";
import { Secret } from "../../core/secret.js";
import { signatureHeader } from "../../egress/signature.js";
import { generatePrivateKey, publicKeyOf, signV1a } from "../../egress/signature-v1a.js";
import { asymmetricKey, outgoing, signingSecret, testRawReceiver, testReceiver, testSender } from "./harness.js";

/** The vector that Svix publishes for its own library. */
const VECTOR = {
  privateKey: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
  publicKey: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
  message: { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, payload: Buffer.from('{"test": 2432232314}') },
  signature: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
};
/** RFC 8032, section 7.1, test 1. */
const RFC = {
  seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
  publicHalf: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
};

/** By Node, from a JWK: nothing of what signs takes part. */
function isSignedBy(publicKey: string, signature: string, content: string | Uint8Array): boolean {
  const x = Buffer.from(publicKey.replace("whpk_", ""), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(content), key, Buffer.from(signature.replace("v1a,", ""), "base64"));
}

const message = { id: "msg_1", timestamp: 1_700_000_000, payload: Buffer.from("{}") };

describe("a v1a signature", () => {
  it("is the published one", () => {
    expect(signV1a([new Secret(VECTOR.privateKey)], VECTOR.message)).toEqual([VECTOR.signature]);
    expect(publicKeyOf(new Secret(VECTOR.privateKey))).toBe(VECTOR.publicKey);
    const { id, timestamp, payload } = VECTOR.message;
    expect(isSignedBy(VECTOR.publicKey, VECTOR.signature, `${id}.${timestamp}.${String(payload)}`)).toBe(true);
  });

  it("is over the id, the timestamp and the bytes of the payload, whether or not they are UTF-8", () => {
    const key = generatePrivateKey(randomBytes);
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        const [signature = ""] = signV1a([key], { ...message, payload });
        const content = Buffer.concat([Buffer.from("msg_1.1700000000."), payload]);
        expect(isSignedBy(publicKeyOf(key), signature, content)).toBe(true);
        expect(isSignedBy(publicKeyOf(key), signature, Buffer.concat([content, Buffer.alloc(1)]))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a private key", () => {
  it("is its seed and its public half, which is all that the public key shows", () => {
    const key = generatePrivateKey(() => Buffer.from(RFC.seed, "hex"));
    const halves = Buffer.from(RFC.seed + RFC.publicHalf, "hex");
    expect(key.reveal()).toBe(`whsk_${halves.toString("base64")}`);
    expect(publicKeyOf(key)).toBe(`whpk_${halves.subarray(32).toString("base64")}`);
  });

  it.each([
    ["without its prefix", VECTOR.privateKey.slice(5)],
    ["that is a secret", VECTOR.privateKey.replace("whsk_", "whsec_")],
    ["that is its seed alone", `whsk_${Buffer.alloc(32).toString("base64")}`],
    ["with a line break", `${VECTOR.privateKey}\n`],
    ["with bits to spare", VECTOR.privateKey.replace("vg==", "vh==")],
    ["with the public half of another", `whsk_${Buffer.alloc(64).toString("base64")}`],
  ])("%s does not sign, and the error does not show it", (_name, text) => {
    const problem = /^a private signing key is malformed$/;
    expect(() => signV1a([new Secret(text)], message)).toThrow(problem);
    expect(() => publicKeyOf(new Secret(text))).toThrow(problem);
  });
});

describe("the signature header", () => {
  const nowMs = message.timestamp * 1000;
  const [secret, oldSecret] = [signingSecret(), { ...signingSecret(), expiresAt: new Date(nowMs + 1) }];
  const [key, oldKey] = [asymmetricKey(), { ...asymmetricKey(), expiresAt: new Date(nowMs + 1) }];
  const keys = { secrets: [secret, oldSecret], asymmetricKeys: [key, oldKey] };

  it("lists every v1 signature, newest first, and then every v1a signature in the same order", () => {
    const value = signatureHeader(keys, message);
    const v1 = signatureHeader({ ...keys, asymmetricKeys: [] }, message);
    expect(value).toBe([v1, ...signV1a([key.key, oldKey.key], message)].join(" "));
    expect(value.split(" ").map((it) => it.split(",")[0])).toEqual(["v1", "v1", "v1a", "v1a"]);
  });

  it("has none of a key that has expired", () => {
    const ended = { ...oldKey, expiresAt: new Date(nowMs) };
    expect(signatureHeader({ ...keys, asymmetricKeys: [key, ended] }, message)).toBe(
      signatureHeader({ ...keys, asymmetricKeys: [key] }, message),
    );
  });

  it("does not exist without a secret: v1a stands beside v1, never alone", () => {
    expect(() => signatureHeader({ ...keys, secrets: [] }, message)).toThrow(/^no signing secret is alive$/);
  });
});

describe("a request", () => {
  it("is signed as it goes over the wire, byte by byte", async () => {
    const receiver = await testRawReceiver(async ({ socket, request }) => {
      await request();
      socket.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    });
    const key = asymmetricKey();
    const payload = Buffer.from([0, 255, 1, 254, 10, 13, 0xc3]);
    const result = await testSender().send(outgoing(receiver.url, { payload, asymmetricKeys: [key] }));
    expect(result.outcome).toBe("ok");
    const [head = "", body = ""] = (receiver.requests[0] ?? "").split(/\r\n\r\n([^]*)/);
    const header = (name: string) => new RegExp(`^webhook-${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
    const content = Buffer.from(`${header("id")}.${header("timestamp")}.${body}`, "latin1");
    const [v1 = "", v1a = "", ...more] = header("signature").split(" ");
    expect([v1.slice(0, 3), more]).toEqual(["v1,", []]);
    expect(isSignedBy(publicKeyOf(key.key), v1a, content)).toBe(true);
    expect(isSignedBy(publicKeyOf(asymmetricKey().key), v1a, content)).toBe(false);
  });

  it.each(["standard", "svix"] as const)(
    "of the profile %s satisfies old and new receivers alike, before and after a rotation",
    async (profile) => {
      const receiver = await testReceiver();
      const payload = Buffer.from('{"name":"Grüße 🚀"}');
      const [secret, keys] = [signingSecret(), [asymmetricKey(), asymmetricKey()]];
      await testSender().send(outgoing(receiver.url, { profile, payload, secrets: [secret], asymmetricKeys: keys }));
      const [request] = await receiver.waitFor(1);
      const headers = request?.headers ?? {};
      const body = request?.body ?? Buffer.alloc(0);
      for (const each of [secret.key.reveal(), ...keys.map((it) => publicKeyOf(it.key))]) {
        expect(verifyWebhook({ payload: body, headers, secret: each }).json).toEqual({ name: "Grüße 🚀" });
      }
      // They know v1 only, and the second signature must not disturb them.
      const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      const Library = profile === "svix" ? SvixWebhook : StandardWebhook;
      expect(new Library(secret.key.reveal()).verify(String(body), plain)).toEqual({ name: "Grüße 🚀" });
    },
  );

  it("of the profile metriport has no such signature", async () => {
    const receiver = await testReceiver();
    await testSender().send(outgoing(receiver.url, { profile: "metriport", asymmetricKeys: [asymmetricKey()] }));
    const [request] = await receiver.waitFor(1);
    expect(JSON.stringify(request?.rawHeaders)).not.toContain("v1a");
  });
});
