import { Webhook } from "svix";
import { afterEach, expect, test, vi } from "vitest";
import { outgoing, signingSecret, testReceiver, testSender } from "./harness.js";

afterEach(() => vi.useRealTimers());

test("a retry ten hours later verifies as well as the first attempt, and the first one's signature no longer does", async () => {
  // Only the calendar: timers go on as they are.
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T08:00:00Z") });
  const receiver = await testReceiver();
  const secret = signingSecret();
  const sender = testSender();
  const request = outgoing(receiver.url, { profile: "svix", secrets: [secret] });
  const webhook = new Webhook(secret.key.reveal());
  const verify = (index: number): unknown => {
    const { headers, body } = receiver.requests[index] ?? { headers: {}, body: Buffer.alloc(0) };
    const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    return webhook.verify(body.toString("utf8"), texts);
  };
  await sender.send(request);
  expect(verify(0)).toEqual({ hello: "world" });

  vi.setSystemTime(new Date("2026-03-01T18:00:00Z"));
  await sender.send(request);

  expect(verify(1)).toEqual({ hello: "world" });
  expect(() => verify(0)).toThrow("too old");
  expect(receiver.requests.map((it) => it.headers["svix-id"])).toEqual([request.eventId, request.eventId]);
});
