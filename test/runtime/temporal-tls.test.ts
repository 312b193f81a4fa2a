/** The link to Temporal over TLS, with a server that speaks gRPC just enough to be connected to. */
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { TLSSocket } from "node:tls";
import { expect, it, onTestFinished, vi } from "vitest";
import type { TemporalAccess } from "../../runtime/temporal-settings.js";
import { TemporalLink } from "../../runtime/temporal/link.js";
import { authority, leafKey, otherHostLeaf, validLeaf } from "../egress/certificates.js";

vi.setConfig({ testTimeout: 30_000 });

interface Seen {
  serverNames: Set<unknown>;
  clients: Set<string>;
  calls: { path: unknown; authorization: unknown }[];
}

/** Answers every call with an empty message: enough for a connection. */
async function grpcServer(cert: string): Promise<{ address: string; seen: Seen }> {
  const seen: Seen = { serverNames: new Set(), clients: new Set(), calls: [] };
  const server = createSecureServer({ key: leafKey, cert, requestCert: true, rejectUnauthorized: false });
  server.on("secureConnection", (socket: TLSSocket & { servername?: unknown }) => {
    seen.serverNames.add(socket.servername);
    seen.clients.add(socket.getPeerX509Certificate()?.subject ?? "nobody");
  });
  server.on("tlsClientError", () => undefined);
  server.on("sessionError", () => undefined);
  server.on("stream", (stream, headers) => {
    seen.calls.push({ path: headers[":path"], authorization: headers.authorization });
    stream.on("error", () => undefined);
    stream.on("wantTrailers", () => {
      stream.sendTrailers({ "grpc-status": "0" });
    });
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    // A message of no bytes: every field has its default.
    stream.end(Buffer.alloc(5));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen }; // a TCP server that listens has one
}

function linkTo(address: string, access: TemporalAccess) {
  const errors: string[] = [];
  const silent = () => undefined;
  const log = {
    info: silent,
    warn: silent,
    debug: silent,
    error: (_: object, message: string) => errors.push(message),
  };
  const link = new TemporalLink({ address, namespace: "default", access, log });
  onTestFinished(() => link.close());
  return { link, errors };
}

const trusting = { serverRootCACertificate: Buffer.from(authority), serverNameOverride: "localhost" };

it("asks for the given name, shows the client's certificate, and sends the key with every call", async () => {
  const { address, seen } = await grpcServer(validLeaf);
  const clientCertPair = { crt: Buffer.from(validLeaf), key: Buffer.from(leafKey) };
  const { link } = linkTo(address, { tls: { ...trusting, clientCertPair }, apiKey: "the-key" });
  await link.whenConnected();
  expect(seen.serverNames).toEqual(new Set(["localhost"]));
  expect(seen.clients).toEqual(new Set(["CN=localhost"]));
  expect(seen.calls.length).toBeGreaterThan(0);
  for (const call of seen.calls) {
    expect(call).toEqual({
      path: expect.stringContaining("/temporal.api.workflowservice.v1.WorkflowService/") as string,
      authorization: "Bearer the-key",
    });
  }
});

it.each([
  ["another host", otherHostLeaf, trusting],
  ["an authority that is not trusted", validLeaf, { serverNameOverride: "localhost" }],
])("says nothing to a server with a certificate of %s", async (_whose, cert, tls) => {
  const { address, seen } = await grpcServer(cert);
  const { errors } = linkTo(address, { tls, apiKey: "the-key" });
  await expect.poll(() => errors, { timeout: 20_000 }).toContain("temporal.unreachable");
  expect(seen.calls).toEqual([]);
});

it("begins with a TLS handshake, and speaks in the clear only without settings", async () => {
  const firstBytes: number[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (chunk: Buffer) => {
      firstBytes.push(chunk[0] ?? -1);
      socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`; // as above
  const handshake = 0x16;
  linkTo(address, { tls: {} });
  await expect.poll(() => firstBytes[0], { timeout: 20_000 }).toBe(handshake);
  const plain = "PRI * HTTP/2.0".charCodeAt(0);
  linkTo(address, {});
  await expect.poll(() => firstBytes, { timeout: 20_000 }).toContain(plain);
});
