import { describe, expect, test } from "vitest";
import { bodyOf, readAnswer } from "../../bench/load/publisher.js";
import { Recorder } from "../../bench/receiver/recorder.js";
import { alignMeasures } from "../../bench/report/table.js";
import { PAYLOAD } from "../../bench/scenarios/payload.js";

const plan = {
  url: "http://127.0.0.1:1/",
  headers: {},
  open: `{"events":[`,
  before: `{"payload":${PAYLOAD.before}`,
  after: `${PAYLOAD.after}}`,
  close: "]}",
  eventsPerRequest: 2,
  ids: { list: "results", id: "id" },
};

describe("publish requests", () => {
  test("every event is JSON of 900 bytes, and no two are the same", () => {
    const { events } = JSON.parse(bodyOf(plan, 41)) as { events: { payload: { record: string } }[] }; // made above

    expect(events.map((it) => it.payload.record)).toEqual(["0000000041", "0000000042"]);
    expect(Buffer.byteLength(JSON.stringify(events[0]?.payload))).toBe(900);
  });

  test("an entry of an answer without an id is an event that was refused", () => {
    const refusal = { status: "error", code: "invalid_input" };

    expect(readAnswer(plan, JSON.stringify({ results: [{ id: "msg_1" }, refusal] }))).toEqual({
      accepted: true,
      ids: ["msg_1"],
      refusals: { [JSON.stringify(refusal)]: 1 },
    });
  });

  test("an answer of another form is a refusal, too", () => {
    expect(readAnswer(plan, "{}").accepted).toBe(false);
    expect(readAnswer({ ...plan, ids: { list: null, id: "id" } }, `{"id":7}`).ids).toEqual([]);
    expect(readAnswer(plan, "<html>")).toMatchObject({ accepted: false, ids: [] });
  });
});

describe("the receiver's record", () => {
  test("an id counts once, with the time of its first arrival; what was refused does not count", () => {
    const recorder = new Recorder();
    recorder.delivered("/1/0", "a", 10);
    recorder.delivered("/1/0", "a", 20);
    recorder.delivered("/1/1", "a", 30);
    recorder.failed("/1/1");
    recorder.delivered("/10/0", "b", 40);

    expect(recorder.counts("/1/")).toEqual({ delivered: 3, distinct: 2, failed: 1 });
    expect(recorder.arrivals("/1/")).toEqual([
      { path: "/1/0", ids: ["a"], atMs: [10] },
      { path: "/1/1", ids: ["a"], atMs: [30] },
    ]);
    recorder.forget("/1/");
    expect(recorder.counts("/")).toEqual({ delivered: 1, distinct: 1, failed: 0 });
  });
});

test("the table keeps three digits, and says what could not be measured", () => {
  const measures = [
    { name: "accept p50", value: 1.23456, unit: "ms" },
    { name: "delivered", value: 12_345.6, unit: "/s" },
    { name: "CPU", value: null, unit: "ms" },
  ];

  expect(alignMeasures(measures)).toEqual([
    "accept p50          1.23 ms",
    "delivered         12,346 /s",
    "CPU         not measured ms",
  ]);
});
