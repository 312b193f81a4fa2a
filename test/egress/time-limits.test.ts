import { describe, expect, it, vi } from "vitest";
import { NAME_QUERY_TRIES, TIME_LIMITS } from "../../egress/time-limits.js";
import { outgoing, testRawReceiver, testSender } from "./harness.js";

vi.setConfig({ testTimeout: 30_000 });

const SHIPPED = [
  ["connect", 5_000, "docs/outcomes.md and docs/security.md promise it, and an attempt has 15 s"],
  ["names", 4_000, "what is left of 5 s is enough to connect"],
  ["nameQuery", 1_000, "a question that is lost is asked again in time"],
  ["body", 2_000, "docs/security.md promises it: the head alone decides, and a slot waits for the rest"],
  ["idle", 15_000, "a receiver that asks for more must not hold our sockets"],
] as const;

describe("where nothing is set", () => {
  it.each(SHIPPED)("%s has %i ms, for %s", (name, ms) => {
    expect(TIME_LIMITS[name]).toBe(ms);
  });

  it("there are no other limits than these", () => {
    expect(Object.keys(TIME_LIMITS)).toEqual(SHIPPED.map(([name]) => name));
  });

  it("a question is asked twice within what all questions have, and that is less than a connection has", () => {
    expect(NAME_QUERY_TRIES).toBe(2);
    // The second try waits twice as long as the first.
    expect(3 * TIME_LIMITS.nameQuery).toBeLessThan(TIME_LIMITS.names);
    expect(TIME_LIMITS.names).toBeLessThan(TIME_LIMITS.connect);
  });

  it("an answer whose body never ends is let go after a request of 1 s and long before one of 15 s", async () => {
    const dripping = await testRawReceiver(async ({ socket, request }) => {
      await request();
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok");
    });
    const silent = await testRawReceiver(async ({ request }) => {
      await request();
    });
    const sender = testSender();
    const ended: string[] = [];
    const send = async (name: string, url: string, timeoutMs: number) => {
      const result = await sender.send(outgoing(url, { timeoutMs }));
      ended.push(name);
      return result;
    };
    const long = send("15 s", silent.url, 15_000);
    const [, body] = await Promise.all([send("1 s", silent.url, 1_000), send("body", dripping.url, 20_000)]);
    expect(body).toMatchObject({ outcome: "ok", responseBody: "ok", responseTruncated: true });
    expect(ended).toEqual(["1 s", "body"]);
    await silent.close();
    expect(await long).toMatchObject({ outcome: "connect.reset" });
  });
});
