import { describe, expect, it, vi } from "vitest";
import { outgoing, testRawReceiver, testSender } from "./harness.js";
import { HOSTILE_ROWS } from "./hostile-answers.js";

vi.setConfig({ testTimeout: 30_000 });

describe("a receiver that", () => {
  it.each(HOSTILE_ROWS)(
    "$does gets one request and settles it",
    async ({ serve, result, request, bodyMsMax = 200 }) => {
      const receiver = await testRawReceiver(serve);
      const sender = testSender({ bodyMsMax });
      expect(await sender.send(outgoing(receiver.url, request))).toMatchObject(result);
      expect(receiver.connections).toBe(1);
    },
  );

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
