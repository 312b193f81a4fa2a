import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { LogFields } from "../../core/log-fields.js";
import type { Log } from "../../core/ports.js";
import { createLog } from "../../runtime/log.js";
import { scrub } from "../../runtime/scrub.js";

const SECRET = `whsec_${Buffer.alloc(24, "s").toString("base64")}`;

function logged(write: (log: Log) => void, level: "debug" | "info" = "info"): Record<string, unknown>[] {
  const destination = new PassThrough();
  write(createLog({ level, pretty: false, destination }));
  const text = String(destination.read() ?? "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>); // pino writes objects
}

test("a line has the fields of the list and no others, whatever is spread into it", () => {
  const spread = { endpointId: "ep_1", url: "http://a.example/x?token=t", payload: "body", headers: { a: "b" } };
  const fields: LogFields = spread;
  const [info] = logged((log) => log.info(fields, "said"));
  expect(info).toMatchObject({ msg: "said", endpointId: "ep_1", url: "http://a.example/[redacted]" });
  expect(Object.keys(info ?? {}).sort()).toEqual(["endpointId", "level", "msg", "time", "url"]);
  const [debug] = logged((log) => log.warn(fields, "said"), "debug");
  expect(debug).toMatchObject({ droppedFields: "payload,headers" });
  expect(JSON.stringify(debug)).not.toContain("body");
});

test("a field of the list cannot smuggle an object", () => {
  const smuggled: object = { problem: { secret: SECRET }, detail: [SECRET], number: 1 };
  const [line] = logged((log) => log.error(smuggled, "said"), "debug");
  expect(line).toMatchObject({ number: 1, droppedFields: "problem,detail" });
  expect(JSON.stringify(line)).not.toContain(SECRET);
});

test("messages, fields, causes and stacks are scrubbed", () => {
  const cause = new Error(`refused ${SECRET} at mongodb://user:pass/word@host/db`);
  const lines = logged((log) => log.error({ detail: SECRET }, `temporal: ${SECRET}`, cause), "debug");
  const text = JSON.stringify(lines);
  expect(lines[0]).toMatchObject({ cause: "Error: refused whsec_[redacted] at mongodb://[redacted]@host/db" });
  expect(lines[0]?.stack).toMatch(/^ +at /);
  for (const gone of [SECRET, "user", "pass", "word"]) expect(text).not.toContain(`${gone}@`);
  expect(text).not.toContain(SECRET);
});

test("what a parser quotes of a text is not repeated", () => {
  let cause: unknown;
  try {
    JSON.parse('{"card": 4711');
  } catch (error) {
    cause = error;
  }
  const [line] = logged((log) => log.error({}, "said", cause), "debug");
  expect(line).toMatchObject({ cause: "SyntaxError" });
  expect(JSON.stringify(line)).not.toContain("4711");
});

test("there is no stack above debug level", () => {
  const [line] = logged((log) => log.error({}, "said", new Error("broken")));
  expect(line).toMatchObject({ cause: "Error: broken" });
  expect(line).not.toHaveProperty("stack");
});

test.each([
  ["Authorization: Bearer abc.def-1", "Authorization: Bearer [redacted]"],
  ["basic dXNlcjpwYXNz", "basic [redacted]"],
  ["key phk_abc_DEF is gone", "key phk_[redacted] is gone"],
  ["whsk_abc+/=", "whsk_[redacted]"],
  ["POST https://a.example:8443/hooks/T0/B1?x=y failed", "POST https://a.example:8443/[redacted] failed"],
  ["https://user:p@ss@a.example/", "https://[redacted]@a.example/"],
  ["https://a.example?token=t", "https://a.example/[redacted]"],
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
  ["connect ECONNREFUSED 127.0.0.1:27017", "connect ECONNREFUSED 127.0.0.1:27017"],
])("of %j stays %j", (text, expected) => {
  expect(scrub(text)).toBe(expected);
});

test("a text of any length takes a bounded place", () => {
  expect(scrub("x".repeat(1_000_000)).length).toBeLessThan(2_100);
});
