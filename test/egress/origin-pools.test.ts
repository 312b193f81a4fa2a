import { buildConnector } from "undici";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createConnector } from "../../egress/connector.js";
import type { ExchangeEnd } from "../../egress/exchange.js";
import { Exchange } from "../../egress/exchange.js";
import type { OriginPoolsOptions } from "../../egress/origin-pools.js";
import { OriginPools } from "../../egress/origin-pools.js";
import { fakeNames } from "./fake-names.js";
import { testRawReceiver, testReceiver } from "./harness.js";

vi.setConfig({ testTimeout: 30_000 });

function testPools(connectionsPerOrigin: number, options: Partial<OriginPoolsOptions> = {}) {
  let nowMs = 0;
  const pools = new OriginPools({ connect: buildConnector({}), connectionsPerOrigin, now: () => nowMs, ...options });
  onTestFinished(() => pools.destroy());
  const post = (url: string) =>
    new Promise<ExchangeEnd>((onEnd) => {
      const { origin, pathname } = new URL(url);
      pools.dispatch(origin, { path: pathname, method: "POST", body: "{}" }, new Exchange({ bodyMsMax: 2_000, onEnd }));
    });
  return { pools, post, passMs: (ms: number) => (nowMs += ms) };
}

describe("the connections of an origin", () => {
  it("are given up after 300 s even if all are busy, and what waits for them is sent", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const receiver = await testReceiver({
      respond: async () => {
        await released;
        return { status: 200 };
      },
    });
    const { pools, post, passMs } = testPools(2);
    const before = [post(receiver.url), post(receiver.url), post(receiver.url)];
    await receiver.waitFor(2);
    passMs(300_000);
    const after = post(receiver.url);
    expect(pools.size).toBe(2);
    // The old connections are busy and one more request waits for them; the new one does not.
    await receiver.waitFor(3);
    release();
    for (const end of await Promise.all([...before, after]))
      expect(end).toMatchObject({ kind: "answered", statusCode: 200 });
    await expect.poll(() => pools.size, { timeout: 15_000 }).toBe(1);
  });

  it("are made anew after 300 s, and then a name that has turned private is refused", async () => {
    const receiver = await testReceiver();
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    const names = fakeNames({ v4: () => answers.shift() ?? [] });
    const guard = createAddressGuard({ allow: ["127.0.0.1"] });
    const { connect } = createConnector({ guard, resolver: names.resolver });
    const { post, passMs } = testPools(1, { connect });
    const url = `http://hooks.acme.com:${receiver.port}/`;
    expect(await post(url)).toMatchObject({ kind: "answered" });
    passMs(299_999);
    names.passMs(299_999);
    expect(await post(url)).toMatchObject({ kind: "answered" });
    passMs(1);
    expect(await post(url)).toMatchObject({ kind: "failed", error: { outcome: "blocked.address" } });
    expect(receiver.requests).toHaveLength(2);
  });

  it("end soon when they are idle, for how long ever the receiver asks to keep them", async () => {
    const ended: number[] = [];
    const receiver = await testRawReceiver(async ({ socket, request, index }) => {
      socket.on("close", () => ended.push(index));
      await request();
      socket.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=999999\r\ncontent-length: 0\r\n\r\n");
    });
    const { post } = testPools(1, { idleMsMax: 100 });
    expect(await post(receiver.url)).toMatchObject({ kind: "answered", statusCode: 200 });
    await expect.poll(() => ended, { timeout: 15_000 }).toEqual([0]);
  });

  it("leave nothing behind when the last one has ended", async () => {
    const receiver = await testReceiver({ respond: () => ({ status: 200, headers: { connection: "close" } }) });
    const { pools, post } = testPools(4);
    await Promise.all([post(receiver.url), post(receiver.url)]);
    await expect.poll(() => pools.size, { timeout: 15_000 }).toBe(0);
  });

  it("leave nothing behind when none could be made", async () => {
    const receiver = await testReceiver();
    await receiver.close();
    const { pools, post } = testPools(4);
    expect(await post(receiver.url)).toMatchObject({ kind: "failed", error: { code: "ECONNREFUSED" } });
    await expect.poll(() => pools.size, { timeout: 15_000 }).toBe(0);
  });
});
