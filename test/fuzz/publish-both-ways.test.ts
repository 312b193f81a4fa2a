import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBothWays } from "../support/both-ways.js";
import type { BothWays } from "../support/both-ways.js";
import { forCases, FUZZ_TIMEOUT } from "./running.js";
import { mutated } from "./texts.js";

let ways: BothWays;
beforeAll(async () => {
  ways = await openBothWays({}, { openAccess: "loopback-admin" });
});
afterAll(() => ways.close());

const ITEM = { eventType: "a.b", payload: { a: [1, { b: null }] }, channels: ["c", "d"], metadata: { a: "b" } };
const bodies = fc.constantFrom(
  JSON.stringify(ITEM),
  JSON.stringify({ ...ITEM, application: "default" }),
  '{"eventType":"a.b","payloadBase64":"AAEC","contentType":"image/png"}',
  JSON.stringify({ events: [ITEM, { eventType: "a.b", payload: {} }] }),
);

test("whatever is in a body, the short way of publishing answers it as the long one", FUZZ_TIMEOUT, async () => {
  const path = fc.constantFrom("/v1/events", "/v1/events/batch");
  await forCases(400, fc.tuple(path, mutated(mutated(bodies))), async ([target, text]) => {
    const body = Buffer.from(text);
    const lines = [
      "Host: localhost",
      "Connection: close",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
    ];
    const head = `POST ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    const { short, long } = await ways.ask(head + body.toString("latin1"));
    expect(short.status).toBeDefined();
    expect(short).toEqual(long);
  });
});
