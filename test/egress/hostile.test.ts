import { describe, expect, it, vi } from "vitest";
import { outgoing, testRawReceiver, testSender } from "./harness.js";
import { says } from "../support/hostile-receiver.js";
import { HOSTILE_ROWS } from "./hostile-answers.js";

vi.setConfig({ testTimeout: 30_000 });

/** Rows after which nobody can know what the next byte on the connection belongs to. */
const LIARS = HOSTILE_ROWS.filter(({ does }) =>
  /without end|more than it|broken chunk|hangs after|drips|tiny fields|a length and chunks|two lengths|never answers/.test(
    does,
  ),
);

describe("a receiver that", () => {
  it.each(HOSTILE_ROWS)(
    "$does gets one request and settles it",
    async ({ serve, result, request, bodyMsMax = 200, bodyCharsMax = 16_384 }) => {
      const receiver = await testRawReceiver(serve);
      const sender = testSender({ bodyMsMax });
      const settled = await sender.send(outgoing(receiver.url, request));
      expect(settled).toMatchObject(result);
      expect(settled.responseBody?.length ?? 0).toBeLessThanOrEqual(bodyCharsMax);
      expect(receiver.connections).toBe(1);
    },
  );

  it.each(LIARS)("$does does not get the next request over the same connection", async ({ serve, bodyMsMax = 200 }) => {
    const receiver = await testRawReceiver(async (connection) => {
      if (connection.index > 0) return says("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")(connection);
      return serve(connection);
    });
    const sender = testSender({ connectionsPerOrigin: 1, bodyMsMax });
    await sender.send(outgoing(receiver.url, { timeoutMs: 1_000 }));
    expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "ok", responseBody: "hello" });
    expect(receiver.connections).toBe(2);
  });

  it("sends a second answer nobody asked for does not confuse the next request", async () => {
    const receiver = await testRawReceiver(async ({ socket, request, index }) => {
      for (;;) {
        await request();
        const answer = `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${index}`;
        socket.write(index === 0 ? `${answer}HTTP/1.1 500 Injected\r\ncontent-length: 0\r\n\r\n` : answer);
      }
    });
    const sender = testSender({ connectionsPerOrigin: 1 });
    expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "ok" });
    expect(await sender.send(outgoing(receiver.url))).toMatchObject({ outcome: "ok", responseBody: "1" });
  });

  it("asks to be kept open for ever is not, when its body was too long", async () => {
    const ended: boolean[] = [];
    const receiver = await testRawReceiver(async ({ socket, request, index }) => {
      socket.on("close", () => (ended[index] = true));
      await request();
      socket.write(
        `HTTP/1.1 200 OK\r\nkeep-alive: timeout=999999\r\ncontent-length: 100000\r\n\r\n${"x".repeat(100_000)}`,
      );
    });
    expect(await testSender().send(outgoing(receiver.url))).toMatchObject({ outcome: "ok", responseTruncated: true });
    await expect.poll(() => ended[0], { timeout: 15_000 }).toBe(true);
  });
});
