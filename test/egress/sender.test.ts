import { gzipSync } from "node:zlib";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, it, vi } from "vitest";
import { Secret } from "../../core/secret.js";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { fakeNames } from "./fake-names.js";
import { outgoing, signingSecret, testReceiver, testSender } from "./harness.js";

vi.setConfig({ testTimeout: 30_000 });

/** Headers as verifiers take them. */
function plain(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

describe("a request", () => {
  it("is a POST of the very bytes that were signed", async () => {
    const receiver = await testReceiver();
    const payload = Buffer.from([0, 255, 1, 254, 10, 13, 0xc3]);
    const result = await testSender().send(outgoing(`${receiver.url}?a=1&b=%20#fragment`, { payload }));
    expect(result).toMatchObject({ outcome: "ok", statusCode: 204, error: null, responseBody: "", retryAfter: null });
    expect(receiver.requests[0]).toMatchObject({ method: "POST", path: "/hook?a=1&b=%20", body: payload });
  });

  it("of the standard profile convinces a verifier, with either of two secrets", async () => {
    const receiver = await testReceiver();
    const secrets = [signingSecret(), signingSecret()];
    const payload = Buffer.from('{"name":"Grüße 🚀"}');
    await testSender().send(outgoing(receiver.url, { payload, secrets }));
    const [request] = await receiver.waitFor(1);
    for (const { key } of secrets) {
      const verified = new StandardWebhook(key.reveal()).verify(String(request?.body), plain(request?.headers ?? {}));
      expect(verified).toEqual({ name: "Grüße 🚀" });
    }
    expect(Object.keys(request?.headers ?? {}).filter((it) => it.startsWith("svix-"))).toEqual([]);
  });

  it("of the svix profile convinces Svix's verifier", async () => {
    const receiver = await testReceiver();
    const secret = signingSecret();
    await testSender().send(outgoing(receiver.url, { profile: "svix", secrets: [secret] }));
    const [request] = await receiver.waitFor(1);
    const headers = plain(request?.headers ?? {});
    expect(new SvixWebhook(secret.key.reveal()).verify(String(request?.body), headers)).toEqual({ hello: "world" });
    expect(headers["svix-id"]).toBe("msg_0123456789");
    expect(Object.keys(headers).filter((it) => it.startsWith("webhook-"))).toEqual([]);
  });

  it("says who sends it and what it is, and asks for no compression", async () => {
    const receiver = await testReceiver();
    await testSender().send(outgoing(receiver.url, { contentType: "application/cloudevents+json" }));
    const [request] = await receiver.waitFor(1);
    expect(request?.headers).toMatchObject({
      "content-type": "application/cloudevents+json",
      "user-agent": "Posthorn/1.2.3",
      accept: "*/*",
      "accept-encoding": "identity",
      "content-length": "17",
    });
  });

  it("carries custom headers as they are spelled, but none that could replace or frame others", async () => {
    const receiver = await testReceiver();
    const headers = {
      "X-Tenant": "acme",
      Authorization: "Bearer t",
      Accept: "text/plain",
      Host: "evil",
      "Webhook-Id": "msg_evil",
      "Content-Length": "1",
      "x-bad": "a\r\nx-evil: 1",
      "X-TENANT": "twice",
    };
    await testSender().send(outgoing(receiver.url, { headers }));
    const [request] = await receiver.waitFor(1);
    expect(request?.headers).toMatchObject({
      "x-tenant": "acme",
      authorization: "Bearer t",
      accept: "text/plain",
      host: `127.0.0.1:${receiver.port}`,
      "webhook-id": "msg_0123456789",
    });
    expect(request?.rawHeaders).toContain("X-Tenant");
    expect(request?.headers).not.toHaveProperty("x-evil");
    expect(request?.headers).not.toHaveProperty("x-bad");
  });

  it("may have no payload", async () => {
    const receiver = await testReceiver();
    expect(await testSender().send(outgoing(receiver.url, { payload: new Uint8Array() }))).toMatchObject({
      outcome: "ok",
    });
    expect((await receiver.waitFor(1))[0]?.headers["content-length"]).toBe("0");
  });

  it("keeps a path that looks like a header split in one piece", async () => {
    const receiver = await testReceiver();
    await testSender().send(outgoing(`http://127.0.0.1:${receiver.port}/%0d%0aX-Evil:1`));
    const [request] = await receiver.waitFor(1);
    expect(request?.path).toBe("/%0d%0aX-Evil:1");
    expect(request?.headers).not.toHaveProperty("x-evil");
  });
});

describe("the answer", () => {
  it.each([
    [200, "ok"],
    [204, "ok"],
    [299, "ok"],
    [301, "redirect"],
    [304, "redirect"],
    [400, "http.400"],
    [410, "gone"],
    [429, "rate_limited"],
    [500, "http.500"],
    [999, "http.999"],
  ])("with status %i is %s", async (status, outcome) => {
    const receiver = await testReceiver({ respond: () => ({ status }) });
    const result = await testSender().send(outgoing(receiver.url));
    expect(result).toMatchObject({ outcome, statusCode: status });
    if (outcome === "ok") expect(result.error).toBeNull();
    else expect(result.error).toContain(String(status));
  });

  it("that redirects into the network of a cloud, or away from TLS, is not followed", async () => {
    for (const location of ["http://169.254.169.254/latest/meta-data/", "http://hooks.acme.com/", "//10.0.0.1/"]) {
      const receiver = await testReceiver({ respond: () => ({ status: 302, headers: { location } }) });
      const result = await testSender().send(outgoing(receiver.url));
      expect(result).toMatchObject({ outcome: "redirect", statusCode: 302, responseBody: "" });
      expect(receiver.requests).toHaveLength(1);
    }
  });

  it("that redirects is not followed", async () => {
    const elsewhere = await testReceiver();
    const headers = { location: elsewhere.url };
    for (const status of [301, 302, 303, 307, 308]) {
      const receiver = await testReceiver({ respond: () => ({ status, headers }) });
      expect(await testSender().send(outgoing(receiver.url))).toMatchObject({
        outcome: "redirect",
        statusCode: status,
      });
    }
    expect(elsewhere.requests).toEqual([]);
  });

  it("that redirects to its own host is not followed either", async () => {
    for (const status of [301, 307]) {
      const receiver = await testReceiver({ respond: () => ({ status, headers: { location: "/elsewhere" } }) });
      const whole = `http://127.0.0.1:${receiver.port}/elsewhere`;
      const sender = testSender();
      expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "redirect", statusCode: status });
      receiver.answer(() => ({ status, headers: { location: whole } }));
      expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "redirect", statusCode: status });
      expect(receiver.requests.map((it) => it.path)).toEqual(["/hook", "/hook"]);
    }
  });

  it("gives its Retry-After as it was sent", async () => {
    const headers = { "retry-after": "Fri, 31 Dec 1999 23:59:59 GMT" };
    const receiver = await testReceiver({ respond: () => ({ status: 503, headers }) });
    expect(await testSender().send(outgoing(receiver.url))).toMatchObject({
      outcome: "http.503",
      retryAfter: "Fri, 31 Dec 1999 23:59:59 GMT",
    });
  });

  it("is kept as text, of failures too", async () => {
    const receiver = await testReceiver({ respond: () => ({ status: 500, body: "Grüße\u0000!\n" }) });
    expect(await testSender().send(outgoing(receiver.url))).toMatchObject({
      responseBody: "Grüße!\n",
      responseTruncated: false,
    });
  });

  it("is kept to 16 KiB", async () => {
    const bodies = ["x".repeat(16_384), "x".repeat(16_385), "x".repeat(1_000_000)];
    const receiver = await testReceiver({ respond: (_, index) => ({ status: 200, body: bodies[index] ?? "" }) });
    const sender = testSender();
    for (const body of bodies) {
      expect(await sender.send(outgoing(receiver.url))).toMatchObject({
        outcome: "ok",
        responseBody: "x".repeat(16_384),
        responseTruncated: body.length > 16_384,
      });
    }
  });

  it("is never decompressed", async () => {
    const body = gzipSync("a".repeat(1_000_000));
    const headers = { "content-encoding": "gzip" };
    const receiver = await testReceiver({ respond: () => ({ status: 200, headers, body }) });
    const result = await testSender().send(outgoing(receiver.url));
    expect(result).toMatchObject({ outcome: "ok", responseTruncated: false });
    expect(result.responseBody?.length).toBeLessThanOrEqual(body.length);
    expect(result.responseBody).not.toContain("aaaa");
  });
});

describe("a name", () => {
  const urlPolicy = { check: () => ({ ok: true }) as const };

  it("that leads elsewhere when it is asked again is connected to where the checked answer said", async () => {
    const receiver = await testReceiver();
    let asked = 0;
    const names = fakeNames({ v4: () => (asked++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]) });
    const guard = createAddressGuard({ allow: ["127.0.0.1"] });
    const sender = testSender({ guard, resolver: names.resolver, urlPolicy });
    const result = await sender.send(outgoing(`http://rebind.acme.com:${receiver.port}/`));
    expect(result).toMatchObject({ outcome: "ok" });
    expect(names.questions).toEqual(["A rebind.acme.com", "AAAA rebind.acme.com"]);
  });

  it("that no name server answers for is given up at the deadline of the request", async () => {
    const { resolver } = fakeNames({ v4: "never", v6: "never" });
    const result = await testSender({ resolver, urlPolicy }).send(
      outgoing("http://slow.acme.com/", { timeoutMs: 200 }),
    );
    expect(result).toMatchObject({ outcome: "timeout.total", statusCode: null });
  });
});

describe("what cannot be sent", () => {
  it("is refused by the URL policy before anything else, without a request", async () => {
    for (const url of ["http://10.0.0.1/", "ftp://hooks.acme.com/", "nonsense", "http://user@127.0.0.1/"]) {
      const result = await testSender().send(outgoing(url));
      expect(result).toMatchObject({ outcome: "blocked.url", statusCode: null, responseBody: null });
      expect(result.error).toMatch(/^destination not allowed: /);
    }
  });

  it("is refused by the guard, for literals and for names, without a connection", async () => {
    const receiver = await testReceiver();
    const closed = createAddressGuard();
    const urlPolicy = { check: () => ({ ok: true }) as const };
    const names = fakeNames({ v4: ["127.0.0.1"] });
    const sender = testSender({ guard: closed, resolver: names.resolver, urlPolicy });
    for (const host of ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost", "rebind.acme.com"]) {
      const result = await sender.send(outgoing(`http://${host}:${receiver.port}/`));
      expect(result).toMatchObject({ outcome: "blocked.address", error: "destination not allowed", statusCode: null });
    }
    expect(receiver.requests).toEqual([]);
  });

  it("is refused with the same words and the same duration, however long it took to find out", async () => {
    const closed = createAddressGuard();
    const urlPolicy = { check: () => ({ ok: true }) as const };
    const slow = { resolve: () => new Promise<string[]>((resolve) => setTimeout(() => resolve(["10.0.0.1"]), 100)) };
    const quick = fakeNames({ v4: ["169.254.169.254"] }).resolver;
    const results = [];
    for (const resolver of [slow, quick]) {
      const sender = testSender({ guard: closed, resolver, urlPolicy });
      for (const host of ["private.acme.com", "10.0.0.1", "[fd00::1]"])
        results.push(await sender.send(outgoing(`http://${host}/`)));
    }
    for (const { startedAt, ...rest } of results) {
      expect(startedAt).toBeInstanceOf(Date);
      expect(rest).toEqual({
        outcome: "blocked.address",
        error: "destination not allowed",
        durationMs: 0,
        statusCode: null,
        responseBody: null,
        responseTruncated: false,
        retryAfter: null,
      });
    }
  });

  it("is refused no sooner than a connection may take, or at the deadline, so that waiting for it tells nothing", async () => {
    const urlPolicy = { check: () => ({ ok: true }) as const };
    const sender = testSender({ guard: createAddressGuard(), urlPolicy, refusalMs: 300 });
    for (const timeoutMs of [20_000, 300]) {
      const beganMs = performance.now();
      const result = await sender.send(outgoing("http://10.0.0.1/", { timeoutMs }));
      expect(result).toMatchObject({ outcome: "blocked.address", durationMs: 0 });
      // Timers may be a millisecond early.
      expect(performance.now() - beganMs).toBeGreaterThanOrEqual(299);
    }
  });

  it("is refused when the peer turns out to be another than the one that was checked", async () => {
    const receiver = await testReceiver();
    const open = createAddressGuard({ allowLoopback: true });
    let asked = 0;
    const guard = { ...open, permits: () => asked++ === 0 };
    const result = await testSender({ guard }).send(outgoing(receiver.url));
    expect(result).toMatchObject({ outcome: "blocked.address", error: "destination not allowed" });
    expect(receiver.requests).toEqual([]);
  });

  it("has the class of what the name server said", async () => {
    const urlPolicy = createUrlPolicy({ guard: createAddressGuard() });
    const found = async (answer: string) => {
      const { resolver } = fakeNames({ v4: answer, v6: answer });
      return testSender({ resolver, urlPolicy }).send(outgoing("https://hooks.acme.com/"));
    };
    expect(await found("ENOTFOUND")).toMatchObject({ outcome: "dns.not_found" });
    expect(await found("ESERVFAIL")).toMatchObject({ outcome: "dns.failed" });
    expect(await found("ETIMEOUT")).toMatchObject({ outcome: "timeout.dns" });
  });

  it("is our own failure when nothing can sign it, and makes no request", async () => {
    const receiver = await testReceiver();
    const malformed = { ...signingSecret(), key: new Secret("whsec_short") };
    for (const secrets of [[], [malformed]]) {
      const result = await testSender().send(outgoing(receiver.url, { secrets }));
      expect(result).toMatchObject({ outcome: "internal.signing", statusCode: null });
      expect(result.error).not.toContain("short");
    }
    expect(receiver.requests).toEqual([]);
  });

  it("is our own failure after the sender was closed", async () => {
    const receiver = await testReceiver();
    const sender = testSender();
    await sender.close();
    expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "internal.error" });
  });

  it("is refused by a port where nobody listens", async () => {
    const receiver = await testReceiver();
    await receiver.close();
    expect(await testSender().send(outgoing(receiver.url))).toMatchObject({
      outcome: "connect.refused",
      statusCode: null,
    });
  });
});
