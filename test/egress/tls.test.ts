import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { createServer as createTcpServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { createServer } from "node:tls";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { authority, expiredLeaf, leafKey, otherHostLeaf, selfSignedLeaf, validLeaf } from "./certificates.js";
import { outgoing, testReceiver, testSender } from "./harness.js";

vi.setConfig({ testTimeout: 30_000 });

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}/`;
}

interface Says {
  /** @default 200 */
  answer?: string;
  /** How often it is given over the first connection, which is ended at the next request. @default always */
  answers?: number;
}

async function tlsReceiver(options: TlsOptions, { answer = OK, answers = Number.POSITIVE_INFINITY }: Says = {}) {
  const seen = { connections: 0, requests: 0, protocols: new Set<string>() };
  const server = createServer({ key: leafKey, cert: validLeaf, ...options }, (socket) => {
    seen.connections += 1;
    seen.protocols.add(`${socket.getProtocol()} ${socket.alpnProtocol}`);
    let left = seen.connections === 1 ? answers : Number.POSITIVE_INFINITY;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      // Small requests: head and body come together, or the body in a piece of its own that has no request line.
      if (!chunk.includes("POST / HTTP/1.1")) return;
      seen.requests += 1;
      if (left-- > 0) socket.write(answer);
      else socket.destroy();
    });
  });
  server.on("tlsClientError", () => {});
  return { url: await listen(server), seen };
}

/** With one connection for all, so that the second request uses that of the first. */
const trusting = () => testSender({ additionalCertificates: [authority], connectionsPerOrigin: 1 });

describe("over TLS", () => {
  it("a request is sent, and its connection is used again", async () => {
    const { url, seen } = await tlsReceiver({});
    const sender = trusting();
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok", responseBody: "ok" });
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(seen).toMatchObject({ connections: 1, requests: 2 });
  });

  it("a connection that ends when it is used again is replaced", async () => {
    const { url, seen } = await tlsReceiver({}, { answers: 1 });
    const sender = trusting();
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(seen).toMatchObject({ connections: 2, requests: 3 });
  });

  it("a new connection that ends without an answer is not replaced", async () => {
    const { url, seen } = await tlsReceiver({}, { answers: 0 });
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "connect.reset" });
    expect(seen).toMatchObject({ connections: 1, requests: 1 });
  });

  it.each([
    ["an unknown authority", { cert: validLeaf }, false, "tls.untrusted"],
    ["nobody but itself", { cert: selfSignedLeaf }, true, "tls.untrusted"],
    ["another host", { cert: otherHostLeaf }, true, "tls.hostname"],
    ["the past", { cert: expiredLeaf }, true, "tls.expired"],
  ])("a certificate of %s is refused, and nothing is sent", async (_, options, trusted, outcome) => {
    const { url, seen } = await tlsReceiver(options);
    const sender = trusted ? trusting() : testSender();
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome, statusCode: null });
    expect(seen.requests).toBe(0);
  });

  it("the variable that turns the verification off for all of Node.js changes nothing", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { url, seen } = await tlsReceiver({ cert: selfSignedLeaf });
    // It does have an effect here: the same process now believes the same receiver elsewhere.
    expect((await fetch(url, { method: "POST" })).status).toBe(200);
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "tls.untrusted" });
    expect(seen.requests).toBe(1);
  });

  it("HTTP/1.1 is spoken, to a receiver that would rather speak HTTP/2 too", async () => {
    const { url, seen } = await tlsReceiver({ ALPNProtocols: ["h2", "http/1.1"] });
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect([...seen.protocols]).toEqual(["TLSv1.3 http/1.1"]);
  });

  it("a receiver that speaks TLS 1.2 is spoken to, with the same checks", async () => {
    const { url, seen } = await tlsReceiver({ maxVersion: "TLSv1.2" });
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(await testSender().send(outgoing(url))).toMatchObject({ outcome: "tls.untrusted" });
    expect(seen.requests).toBe(1);
  });

  it("a receiver that speaks TLS 1.1 at most is refused", async () => {
    const { url, seen } = await tlsReceiver({
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "tls.protocol" });
    expect(seen.requests).toBe(0);
  });

  it("a receiver that speaks plain HTTP is refused", async () => {
    const receiver = await testReceiver();
    const url = receiver.url.replace("http://127.0.0.1", "https://localhost");
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "tls.protocol" });
  });

  it("a receiver that never answers the handshake is given up, at a deadline of 4 s or before 20 s", async () => {
    const url = await listen(createTcpServer((socket) => socket.on("error", () => {}).resume()));
    const ends = [20_000, 4_000, 200].map((timeoutMs) => trusting().send(outgoing(url, { timeoutMs })));
    expect((await Promise.all(ends)).map((it) => it.outcome)).toEqual([
      "timeout.connect",
      "timeout.total",
      "timeout.total",
    ]);
  });

  it.each([301, 307])("a redirect with %i to plain HTTP is not followed", async (status) => {
    const plain = await testReceiver();
    const location = `http://localhost:${plain.port}/`;
    const answer = `HTTP/1.1 ${status} Elsewhere\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
    const { url, seen } = await tlsReceiver({}, { answer });
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "redirect", statusCode: status });
    expect(seen).toMatchObject({ connections: 1, requests: 1 });
    expect(plain.requests).toEqual([]);
  });

  // With TLS 1.2, where the refusal is part of the handshake.
  it.each([
    ["asks for a client certificate", { requestCert: true }],
    ["shares no cipher with us", { ciphers: "ECDHE-RSA-AES128-GCM-SHA256" }],
  ])("a receiver that %s fails the handshake, and nothing is sent", async (_, options) => {
    const { url, seen } = await tlsReceiver({ maxVersion: "TLSv1.2", ...options });
    expect(await trusting().send(outgoing(url))).toMatchObject({
      outcome: "tls.failed",
      error: "the TLS handshake failed",
      statusCode: null,
    });
    expect(seen.requests).toBe(0);
  });

  it("a receiver that ends the handshake is a connection that was reset", async () => {
    const url = await listen(createTcpServer((socket) => void socket.on("error", () => {}).end()));
    expect(await trusting().send(outgoing(url))).toMatchObject({ outcome: "connect.reset" });
  });
});
