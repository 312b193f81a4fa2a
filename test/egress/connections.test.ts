import { Webhook } from "standardwebhooks";
import { describe, expect, it, vi } from "vitest";
import type { RawConnection } from "../support/raw-receiver.js";
import { outgoing, signingSecret, testRawReceiver, testReceiver, testSender } from "./harness.js";

vi.setConfig({ testTimeout: 30_000 });

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Answers `answers` requests of its first connection, then ends it when the next one has come; later ones: all. */
const endsFirst =
  (answers: number, end: (connection: RawConnection) => void) =>
  async (connection: RawConnection): Promise<void> => {
    for (let served = 0; ; served += 1) {
      await connection.request();
      if (connection.index === 0 && served === answers) {
        end(connection);
        return;
      }
      connection.socket.write(OK);
    }
  };

const header = (request: string | undefined, name: string) =>
  new RegExp(`^${name}: (.*)$`, "im").exec(request ?? "")?.[1]?.trim() ?? "";

describe("a connection", () => {
  it("is used again", async () => {
    const receiver = await testRawReceiver(async ({ socket, request }) => {
      for (;;) {
        await request();
        socket.write(OK);
      }
    });
    const sender = testSender({ connectionsPerOrigin: 1 });
    for (let at = 0; at < 5; at += 1)
      expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "ok" });
    expect(receiver.connections).toBe(1);
  });

  it.each([
    ["resets", ({ socket }: RawConnection) => socket.resetAndDestroy()],
    ["ends", ({ socket }: RawConnection) => socket.end()],
  ])("that %s when it is used again is replaced once, with the same id and a new signature", async (_, end) => {
    const receiver = await testRawReceiver(endsFirst(1, (it) => void end(it)));
    const secret = signingSecret();
    const start = Date.now();
    let asked = 0;
    const sender = testSender({ connectionsPerOrigin: 1, clock: { now: () => start + 1000 * asked++ } });
    await sender.send(outgoing(receiver.url, { secrets: [secret] }));
    expect(await sender.send(outgoing(receiver.url, { secrets: [secret] }))).toMatchObject({ outcome: "ok" });

    expect(receiver.connections).toBe(2);
    const [, stale, repeated] = receiver.requests;
    expect(receiver.requests).toHaveLength(3);
    expect(header(repeated, "webhook-id")).toBe(header(stale, "webhook-id"));
    expect(Number(header(repeated, "webhook-timestamp"))).toBeGreaterThan(Number(header(stale, "webhook-timestamp")));
    for (const request of [stale, repeated]) {
      const headers = Object.fromEntries(
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [name, header(request, name)]),
      );
      const body = request?.slice(request.indexOf("\r\n\r\n") + 4) ?? "";
      expect(new Webhook(secret.key.reveal()).verify(body, headers)).toEqual({ hello: "world" });
    }
  });

  it("that is new and ends without an answer is not replaced: the receiver may have acted", async () => {
    const receiver = await testRawReceiver(endsFirst(0, ({ socket }) => socket.end()));
    expect(await testSender().send(outgoing(receiver.url))).toMatchObject({ outcome: "connect.reset" });
    expect(receiver.connections).toBe(1);
  });

  it("that is used again and ends within an answer is not replaced", async () => {
    const receiver = await testRawReceiver(endsFirst(1, ({ socket }) => socket.end("HTTP/1.1 200")));
    const sender = testSender({ connectionsPerOrigin: 1 });
    await sender.send(outgoing(receiver.url));
    expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "protocol" });
    expect(receiver.requests).toHaveLength(2);
  });

  it("that replaces another one and ends as well is a failure", async () => {
    const receiver = await testRawReceiver(async ({ socket, request, index }) => {
      for (let served = 0; ; served += 1) {
        await request();
        if (index > 0 || served > 0) socket.resetAndDestroy();
        else socket.write(OK);
      }
    });
    const sender = testSender({ connectionsPerOrigin: 1 });
    await sender.send(outgoing(receiver.url));
    expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "connect.reset" });
    expect(receiver.requests).toHaveLength(3);
  });
});

describe("the deadline", () => {
  it("holds for a request that waits for a connection behind one that hangs", async () => {
    const receiver = await testReceiver({ respond: () => "hang" });
    const sender = testSender({ connectionsPerOrigin: 1 });
    const first = sender.send(outgoing(receiver.url, { timeoutMs: 3_000 }));
    await receiver.waitFor(1);
    const order: string[] = [];
    void first.then(() => order.push("first"));
    const second = await sender.send(outgoing(receiver.url, { timeoutMs: 200 }));
    order.push("second");
    expect(second).toMatchObject({ outcome: "timeout.total", statusCode: null });
    expect(await first).toMatchObject({ outcome: "timeout.headers" });
    expect(order[0]).toBe("second");
    expect(receiver.requests).toHaveLength(1);
  });

  it("takes a request out of the queue for good: nothing is sent after it", async () => {
    const receiver = await testReceiver({ respond: (_, index) => (index === 0 ? "hang" : { status: 200 }) });
    const sender = testSender({ connectionsPerOrigin: 1 });
    const hanging = sender.send(outgoing(receiver.url, { timeoutMs: 3_000 }));
    await receiver.waitFor(1);
    await sender.send(outgoing(receiver.url, { timeoutMs: 100, eventId: "msg_late" }));
    await hanging;
    expect(await sender.send(outgoing(receiver.url, { eventId: "msg_next" }))).toMatchObject({ outcome: "ok" });
    expect(receiver.requests.map((it) => it.headers["webhook-id"])).toEqual(["msg_0123456789", "msg_next"]);
  });

  it("is 30 s at most, whatever a request asks for", async () => {
    const receiver = await testReceiver();
    const result = await testSender().send(outgoing(receiver.url, { timeoutMs: Number.MAX_SAFE_INTEGER }));
    expect(result).toMatchObject({ outcome: "ok" });
  });
});

describe("one origin", () => {
  it("never gets more connections than it may have", async () => {
    const receiver = await testRawReceiver(async ({ socket, request }) => {
      for (;;) {
        await request();
        socket.write(OK);
      }
    });
    const sender = testSender({ connectionsPerOrigin: 3 });
    const results = await Promise.all(Array.from({ length: 50 }, () => sender.send(outgoing(receiver.url))));
    expect(results.every((it) => it.outcome === "ok")).toBe(true);
    expect(receiver.connections).toBeLessThanOrEqual(3);
  });

  it("that hangs does not hold up another one", async () => {
    const [sick, well] = [await testReceiver({ respond: () => "hang" }), await testReceiver()];
    const sender = testSender({ connectionsPerOrigin: 1 });
    const hanging = Array.from({ length: 5 }, () => sender.send(outgoing(sick.url, { timeoutMs: 2_000 })));
    expect(await sender.send(outgoing(well.url))).toMatchObject({ outcome: "ok" });
    for (const result of await Promise.all(hanging)) expect(result.outcome).toMatch(/^timeout\./);
  });
});

describe("closing the sender", () => {
  it("waits for what is in flight", async () => {
    const receiver = await testReceiver({ respond: () => ({ status: 200, delayMs: 100 }) });
    const sender = testSender();
    const inFlight = sender.send(outgoing(receiver.url));
    await receiver.waitFor(1);
    await sender.close();
    expect(await inFlight).toMatchObject({ outcome: "ok" });
  });
});
