/** Whom wrong keys are counted against behind proxies, over real sockets from 127.0.0.1. */
import { afterEach, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer | undefined;
afterEach(() => api?.close());

async function start(trustedProxies?: readonly string[]): Promise<ApiServer> {
  // The clock stands still, so that nobody is forgiven.
  const nowMs = Date.now();
  api = await startApi({ openAccess: "closed", trustedProxies }, (ports) => {
    ports.deps.clock = { now: () => nowMs };
  });
  return api;
}

/** Whether a wrong key of this client is still looked at. */
async function mayGuess(server: ApiServer, forwardedFor: string): Promise<boolean> {
  const headers = { "x-forwarded-for": forwardedFor };
  return (await server.call("GET", "/v1/endpoints", { key: "phk_guess", headers })).status === 401;
}

async function exhaust(server: ApiServer, forwardedFor: string): Promise<void> {
  for (let guesses = 0; guesses < 100; guesses += 1) if (!(await mayGuess(server, forwardedFor))) return;
  throw new Error("100 guesses were answered");
}

test("without trusted proxies the header of a client changes nothing", async () => {
  const server = await start();
  await exhaust(server, "203.0.113.1");
  expect(await mayGuess(server, "203.0.113.2")).toBe(false);
});

test.each([["127.0.0.1"], ["127.0.0.0/8"]])(
  "behind the trusted proxy %s each client has a limit of its own",
  async (entry) => {
    const server = await start(["2001:db8::/32", entry]);
    await exhaust(server, "203.0.113.1");
    expect(await mayGuess(server, "203.0.113.2")).toBe(true);
    expect(await mayGuess(server, "203.0.113.1")).toBe(false);
  },
);

test("what a client itself wrote before the proxy's entry makes it nobody else", async () => {
  const server = await start(["127.0.0.1"]);
  await exhaust(server, "203.0.113.1");
  expect(await mayGuess(server, "198.51.100.9, 203.0.113.1")).toBe(false);
});

test("a chain of trusted proxies is followed to the first stranger", async () => {
  const server = await start(["127.0.0.1", "10.0.0.0/8"]);
  await exhaust(server, "203.0.113.1, 10.1.1.1");
  expect(await mayGuess(server, "203.0.113.1, 10.2.2.2")).toBe(false);
  expect(await mayGuess(server, "203.0.113.2, 10.1.1.1")).toBe(true);
});

test("a proxy that is not on the list is the client", async () => {
  const server = await start(["192.0.2.0/24", "fd00::/8"]);
  await exhaust(server, "203.0.113.1");
  expect(await mayGuess(server, "203.0.113.2")).toBe(false);
});

test("in dev, a trusted proxy on this machine makes nobody a local caller", async () => {
  api = await startApi({ openAccess: "loopback-admin", trustedProxies: ["127.0.0.1"] });
  expect((await api.call("GET", "/v1/endpoints")).status).toBe(200);
  for (const header of ["x-forwarded-for", "forwarded", "via", "x-forwarded-host", "x-real-ip", "x-forwarded-proto"]) {
    const answer = await api.call("GET", "/v1/endpoints", { headers: { [header]: "127.0.0.1" } });
    expect([header, answer.status]).toEqual([header, 401]);
  }
});
