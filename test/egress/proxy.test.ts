import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { parseProxy } from "../../egress/egress-proxy.js";
import type { SenderOptions } from "../../egress/sender.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import type { ConnectProxyOptions } from "../support/connect-proxy.js";
import { startConnectProxy } from "../support/connect-proxy.js";
import { authority, leafKey, otherHostLeaf, validLeaf } from "./certificates.js";
import { fakeNames } from "./fake-names.js";
import { outgoing, testRawReceiver, testReceiver, testSender } from "./harness.js";

vi.setConfig({ testTimeout: 30_000 });

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async function testProxy(options: ConnectProxyOptions = {}) {
  const proxy = await startConnectProxy(options);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A sender that knows no name itself and reaches receivers through the proxy at `port`; one connection to each. */
function throughProxy(port: number, overrides: Partial<SenderOptions> = {}, credentials = "") {
  const names = fakeNames({ v4: "ENOTFOUND", v6: "ENOTFOUND" });
  const sender = testSender({
    guard: createAddressGuard(),
    resolver: names.resolver,
    urlPolicy: { check: () => ({ ok: true }) },
    proxy: parseProxy(`http://${credentials}127.0.0.1:${port}`),
    connectionsPerOrigin: 1,
    ...overrides,
  });
  return { sender, names };
}

async function tlsReceiver(cert: string) {
  const seen = { requests: 0, servernames: new Set<string | false | null>() };
  const server = createTlsServer({ key: leafKey, cert }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      if (!chunk.includes("POST ")) return;
      seen.requests += 1;
      seen.servernames.add(socket.servername);
      socket.write(OK);
    });
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

describe("with a proxy", () => {
  it("a plain request goes through a tunnel, which is used again, and the proxy resolves its name", async () => {
    const [proxy, receiver] = [await testProxy(), await testReceiver()];
    const { sender, names } = throughProxy(proxy.port);
    const url = `http://hooks.acme.com:${receiver.port}/x?y=1`;
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok", statusCode: 204 });
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(proxy.asked).toEqual([`hooks.acme.com:${receiver.port}`]);
    expect(proxy.forwarded).toBe(0);
    expect(proxy.headers[0]).not.toHaveProperty("proxy-authorization");
    expect(names.questions).toEqual([]);
    expect(receiver.requests[0]).toMatchObject({ path: "/x?y=1" });
    expect(receiver.requests[0]?.headers).toMatchObject({ host: `hooks.acme.com:${receiver.port}` });
    expect(receiver.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
  });

  it("TLS is spoken with the receiver, and the proxy sees nothing of the message", async () => {
    const [proxy, receiver] = [await testProxy(), await tlsReceiver(validLeaf)];
    const { sender } = throughProxy(proxy.port, { additionalCertificates: [authority] });
    const url = `https://localhost:${receiver.port}/`;
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok", responseBody: "ok" });
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(proxy.asked).toEqual([`localhost:${receiver.port}`]);
    expect(receiver.seen).toEqual({ requests: 2, servernames: new Set(["localhost"]) });
    expect(proxy.tunnelled.length).toBeGreaterThan(0);
    expect(proxy.tunnelled).not.toContain("POST");
  });

  it.each([
    ["another host", otherHostLeaf, [authority], "tls.hostname"],
    ["an unknown authority", validLeaf, [], "tls.untrusted"],
  ])("a certificate of %s is refused as without one", async (_, cert, additionalCertificates, outcome) => {
    const [proxy, receiver] = [await testProxy(), await tlsReceiver(cert)];
    const { sender } = throughProxy(proxy.port, { additionalCertificates });
    expect(await sender.send(outgoing(`https://localhost:${receiver.port}/`))).toMatchObject({ outcome });
    expect(receiver.seen.requests).toBe(0);
  });

  it("ports that a URL leaves out are named to it", async () => {
    const proxy = await testProxy({ refusal: "HTTP/1.1 502 No\r\n\r\n" });
    const { sender } = throughProxy(proxy.port);
    for (const url of ["https://a.com/", "http://a.com/", "https://[2606:4700:4700::1111]/"])
      expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "connect.failed" });
    expect(proxy.asked).toEqual(["a.com:443", "a.com:80", "[2606:4700:4700::1111]:443"]);
  });

  it("credentials go to it, decoded, and to nobody else", async () => {
    const [proxy, receiver] = [await testProxy(), await testReceiver()];
    const { sender } = throughProxy(proxy.port, {}, "hook%40s:p%3Ass@");
    await sender.send(outgoing(`http://a.com:${receiver.port}/`));
    const basic = `Basic ${Buffer.from("hook@s:p:ss").toString("base64")}`;
    expect(proxy.headers[0]).toMatchObject({ "proxy-authorization": basic });
    expect(JSON.stringify(receiver.requests[0]?.rawHeaders)).not.toContain(basic);
  });

  it("the rules for URLs and literal addresses stay", async () => {
    const [proxy, receiver] = [await testProxy(), await testReceiver()];
    const urlPolicy = createUrlPolicy({ guard: createAddressGuard() });
    for (const url of [receiver.url, "http://localhost/", "http://user@a.com/", "http://a.com:22/"]) {
      expect(await throughProxy(proxy.port, { urlPolicy }).sender.send(outgoing(url))).toMatchObject({
        outcome: "blocked.url",
      });
    }
    // Should a rule for URLs have a hole, the guard still judges what it can read.
    expect(await throughProxy(proxy.port).sender.send(outgoing(receiver.url))).toMatchObject({
      outcome: "blocked.address",
    });
    expect(proxy.connections).toBe(0);
  });

  it.each([
    ["403", "HTTP/1.1 403 Forbidden\r\ncontent-length: 8\r\n\r\n10.0.0.1"],
    ["407", "HTTP/1.1 407 No\r\n\r\n"],
    [
      "Smokescreen",
      "HTTP/1.1 407 Request rejected by proxy\r\nx-smokescreen-error: resolves to private address 10.0.0.1\r\n\r\n",
    ],
    [
      "Smokescreen behind one that asks for credentials",
      "HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\nx-smokescreen-error: denied\r\n\r\n",
    ],
  ])("a destination that it denies is one that is not allowed, and nothing more: %s", async (_, refusal) => {
    const proxy = await testProxy({ refusal });
    const { sender } = throughProxy(proxy.port);
    const result = await sender.send(outgoing("http://private.acme.com/"));
    expect(result).toMatchObject({
      outcome: "blocked.address",
      error: "destination not allowed",
      durationMs: 0,
      statusCode: null,
      responseBody: null,
    });
  });

  it.each([
    ["502", "HTTP/1.1 502 Bad Gateway\r\nx-smokescreen-error: no such host\r\n\r\n", "connect.failed"],
    ["504", "HTTP/1.1 504 Gateway Timeout\r\n\r\n", "timeout.connect"],
    ["302", "HTTP/1.1 302 Found\r\nlocation: http://a.com/\r\n\r\n", "connect.failed"],
    ["what is no HTTP", "SSH-2.0-OpenSSH_9.6\r\n", "connect.failed"],
    ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, "connect.failed"],
    ["407, asking who we are", "HTTP/1.1 407 No\r\nproxy-authenticate: Basic\r\n\r\n", "internal.proxy"],
  ])("no tunnel is a failure of its class, when it answers %s", async (_, refusal, outcome) => {
    const proxy = await testProxy({ refusal });
    expect(await throughProxy(proxy.port).sender.send(outgoing("http://a.com/"))).toMatchObject({
      outcome,
      statusCode: null,
    });
    expect(proxy.connections).toBe(1);
  });

  it("no answer is taken for the receiver's that it gave itself", async () => {
    const [proxy, receiver] = [await testProxy({ early: OK }), await testReceiver()];
    const result = await throughProxy(proxy.port).sender.send(outgoing(`http://a.com:${receiver.port}/`));
    expect(result).toMatchObject({ outcome: "connect.failed", statusCode: null });
    expect(receiver.requests).toEqual([]);
  });

  it("a connection that it drops is a connection that failed", async () => {
    const proxy = await testProxy({ ends: true });
    expect(await throughProxy(proxy.port).sender.send(outgoing("http://a.com/"))).toMatchObject({
      outcome: "connect.failed",
    });
  });

  it("a proxy that is not there is our own failure, which no receiver is charged for", async () => {
    const proxy = await testProxy();
    const { sender } = throughProxy(proxy.port);
    await proxy.close();
    expect(await sender.send(outgoing("https://a.com/"))).toMatchObject({ outcome: "internal.proxy" });
  });

  it("a connection has its time altogether, and a request its deadline", async () => {
    const proxy = await testProxy({ silent: true });
    const connecting = throughProxy(proxy.port, { connectMsMax: 200 }).sender;
    expect(await connecting.send(outgoing("https://a.com/"))).toMatchObject({ outcome: "timeout.connect" });
    const sending = throughProxy(proxy.port).sender;
    const late = await sending.send(outgoing("https://a.com/", { timeoutMs: 200 }));
    expect(late).toMatchObject({ outcome: "timeout.total" });
  });

  it("a receiver that never answers the handshake is given up in the same time", async () => {
    const proxy = await testProxy();
    const server = createTcpServer((socket) => socket.on("error", () => {}).resume());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { sender } = throughProxy(proxy.port, { connectMsMax: 300 });
    expect(await sender.send(outgoing(`https://localhost:${port}/`))).toMatchObject({ outcome: "timeout.connect" });
  });

  it("a new tunnel that ends without an answer is not replaced, one that was used before is", async () => {
    const proxy = await testProxy();
    const fresh = await testRawReceiver(async ({ socket, request }) => {
      await request();
      socket.resetAndDestroy();
    });
    const { sender } = throughProxy(proxy.port);
    expect(await sender.send(outgoing(`http://a.com:${fresh.port}/`))).toMatchObject({ outcome: "connect.reset" });
    expect(fresh.requests).toHaveLength(1);

    const stale = await testRawReceiver(async ({ socket, request, index }) => {
      for (let served = 0; ; served += 1) {
        await request();
        if (index === 0 && served === 1) socket.destroy();
        else socket.write(OK);
      }
    });
    const url = `http://a.com:${stale.port}/`;
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(await sender.send(outgoing(url))).toMatchObject({ outcome: "ok" });
    expect(stale.connections).toBe(2);
    expect(stale.requests).toHaveLength(3);
  });
});

describe("the environment", () => {
  it("names no proxy: its variables have no effect, with a proxy of our own or without", async () => {
    const [proxy, named, receiver] = [await testProxy(), await testProxy(), await testReceiver()];
    const url = `http://127.0.0.1:${named.port}`;
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]) {
      vi.stubEnv(name, url);
      vi.stubEnv(name.toLowerCase(), url);
    }
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await testSender().send(outgoing(receiver.url))).toMatchObject({ outcome: "ok" });
    expect(await throughProxy(proxy.port).sender.send(outgoing(`http://a.com:${receiver.port}/`))).toMatchObject({
      outcome: "ok",
    });
    expect([named.connections, proxy.connections]).toEqual([0, 1]);
  });
});

describe("the address of a proxy", () => {
  it.each([
    ["http://proxy:4750", { host: "proxy", port: 4750, authorization: null }],
    ["http://proxy.internal:80/", { host: "proxy.internal", port: 80, authorization: null }],
    ["http://10.0.0.9:3128", { host: "10.0.0.9", port: 3128, authorization: null }],
    ["http://[fd00::9]:3128", { host: "fd00::9", port: 3128, authorization: null }],
  ])("is read from %s", (text, proxy) => {
    expect(parseProxy(text)).toEqual(proxy);
  });

  it("may hold credentials, which nothing prints", () => {
    const proxy = parseProxy("http://user:s3cret@proxy:4750");
    expect(proxy?.authorization?.reveal()).toBe(`Basic ${Buffer.from("user:s3cret").toString("base64")}`);
    expect(JSON.stringify(proxy)).not.toContain(Buffer.from("user:s3cret").toString("base64"));
  });

  it.each([
    "proxy:4750",
    "http://proxy",
    "https://proxy:4750",
    "socks5://proxy:1080",
    "http://proxy:0",
    "http://proxy:99999",
    "http://proxy:4750/path",
    "http://proxy:4750?x",
    "http://a@b@proxy:4750",
    "http://%zz:x@proxy:4750",
    "http://:4750",
    "http://pro xy:4750",
  ])("is none: %s", (text) => {
    expect(parseProxy(text)).toBeNull();
  });
});
