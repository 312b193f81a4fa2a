import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "../../client/verify.js";
import type { VerifiedWebhook } from "../../client/verify.js";
import { DECOY, headersOf, NOW, NOW_SECONDS, OTHER_SECRET, SECRET, signatureOf } from "./signing.js";

const payload = '{"a":1}';
const base64 = SECRET.slice("whsec_".length);

/** Vectors that the libraries and the documentation of Svix and Standard Webhooks publish. */
const VECTORS = [
  {
    name: "most libraries",
    secret: SECRET,
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1614265330,
    body: '{"test": 2432232314}',
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  },
  {
    name: "the Rust library",
    secret: OTHER_SECRET,
    id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    timestamp: 1649367553,
    body: '{"email":"test@example.com","username":"test_user"}',
    signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
  },
  {
    name: "Svix's documentation",
    secret: "whsec_plJ3nmyCDGBKInavdOK15jsl",
    id: "msg_loFOjxBNrRLzqYUf",
    timestamp: 1731705121,
    body: '{"event_type":"ping","data":{"success":true}}',
    signature: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
  },
];

describe("a webhook is accepted", () => {
  it.each(VECTORS)("with the published signature of $name", ({ secret, id, timestamp, body, signature }) => {
    for (const family of ["webhook", "svix"]) {
      const headers = {
        [`${family}-id`]: id,
        [`${family}-timestamp`]: String(timestamp),
        [`${family}-signature`]: signature,
      };
      const verified = verifyWebhook({ payload: body, headers, secret, now: new Date(timestamp * 1000) });
      expect(verified).toEqual({
        id,
        timestamp: new Date(timestamp * 1000),
        json: JSON.parse(body) as unknown,
        raw: body,
      });
    }
  });

  it.each(['{"a":1}', '{"name":"Grüße, 世界 🚀"}'])("when the libraries of others signed %s", (body) => {
    const now = new Date();
    const seconds = String(Math.floor(now.getTime() / 1000));
    const standard = new StandardWebhook(SECRET).sign("msg_1", now, body);
    const svix = new SvixWebhook(SECRET).sign("msg_1", now, body);
    const webhookHeaders = { "webhook-id": "msg_1", "webhook-timestamp": seconds, "webhook-signature": standard };
    const svixHeaders = { "svix-id": "msg_1", "svix-timestamp": seconds, "svix-signature": svix };
    for (const headers of [webhookHeaders, svixHeaders]) {
      expect(verifyWebhook({ payload: body, headers, secret: SECRET }).json).toEqual(JSON.parse(body));
    }
  });

  it("with the secret without its prefix, without padding, or as bytes", () => {
    const bytes = Buffer.alloc(25, 7);
    const padded = `whsec_${bytes.toString("base64")}`;
    expect(padded).toMatch(/=$/);
    const headers = headersOf({ secret: padded });
    for (const secret of [padded, padded.slice(6), padded.replace(/=+$/, ""), bytes, new Uint8Array(bytes)]) {
      expect(verifyWebhook({ payload, headers, secret, now: NOW }).id).toBe("msg_1");
    }
  });

  it("with header names in any letter case, from a plain object, Headers or arrays", () => {
    const headers = headersOf();
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    for (const form of [headers, shouted, lists, new Headers(shouted)]) {
      expect(verifyWebhook({ payload, headers: form, secret: SECRET, now: NOW }).id).toBe("msg_1");
    }
  });

  it("when one of several signatures is right, whatever the others are", () => {
    const right = signatureOf();
    for (const signature of [
      `v1,${DECOY} ${right}`,
      `${right} v1,${DECOY}`,
      `v2,${DECOY} v1a,${DECOY} nonsense ${right} v1,`,
      `v1,${DECOY}  ${right} `,
    ]) {
      const headers = { ...headersOf(), "webhook-signature": signature };
      expect(verifyWebhook({ payload, headers, secret: SECRET, now: NOW }).id).toBe("msg_1");
    }
  });

  it("with either of two secrets during a rotation", () => {
    for (const secret of [SECRET, OTHER_SECRET]) {
      const headers = headersOf({ secret });
      for (const secrets of [
        [SECRET, OTHER_SECRET],
        [OTHER_SECRET, SECRET],
      ]) {
        expect(verifyWebhook({ payload, headers, secrets, now: NOW }).id).toBe("msg_1");
      }
    }
  });

  it("up to and including the tolerance, in both directions", () => {
    for (const offset of [-300, -299, 0, 300]) {
      const headers = headersOf({ timestamp: NOW_SECONDS + offset });
      expect(verifyWebhook({ payload, headers, secret: SECRET, now: NOW }).id).toBe("msg_1");
    }
    const old = headersOf({ timestamp: NOW_SECONDS - 900 });
    expect(verifyWebhook({ payload, headers: old, secret: SECRET, now: NOW, toleranceSeconds: 900 }).id).toBe("msg_1");
  });

  it("by the current time if none is given", () => {
    const headers = headersOf({ timestamp: Math.floor(Date.now() / 1000) });
    expect(verifyWebhook({ payload, headers, secret: SECRET }).json).toEqual({ a: 1 });
  });

  it("with an empty, a textual or a binary body, which is not parsed", () => {
    const binary = Uint8Array.from([0xff, 0x00, 0xfe]);
    for (const body of ["", "plain text", binary]) {
      const headers = headersOf({ payload: body });
      const verified = verifyWebhook({ payload: body, headers, secret: SECRET, now: NOW });
      expect(verified).toMatchObject({ json: undefined, raw: body });
    }
  });

  it("when the body is given as bytes, and its JSON is parsed", () => {
    const body = Buffer.from('{"name":"Grüße"}');
    const headers = headersOf({ payload: body });
    expect(verifyWebhook({ payload: body, headers, secret: SECRET, now: NOW }).json).toEqual({ name: "Grüße" });
  });

  it("as Node's own server hands it over", async () => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { headers } = request;
        const verified: VerifiedWebhook = verifyWebhook({ payload: Buffer.concat(chunks), headers, secret: SECRET });
        response.end(verified.id);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const headers = headersOf({ timestamp: Math.floor(Date.now() / 1000) });
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body: payload });
    expect(await answer.text()).toBe("msg_1");
    server.close();
  });

  it("and unpadded base64 of the default secret is still the same secret", () => {
    expect(verifyWebhook({ payload, headers: headersOf(), secret: base64, now: NOW }).id).toBe("msg_1");
  });
});
