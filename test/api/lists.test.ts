import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeCursor } from "../../core/cursor.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import { aList } from "../support/matchers.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  const events = Array.from({ length: 7 }, (_, n) => ({ eventType: "a.b", payload: {}, eventId: `e${n}` }));
  await api.call("POST", "/v1/events/batch", { body: { events } });
});
afterAll(() => api.close());

/** All pages of a list, read by following the cursor. */
async function pages(query: string, between: () => Promise<unknown> = () => Promise.resolve()): Promise<string[]> {
  const seen: string[] = [];
  let cursor: unknown = null;
  do {
    const answer = await api.call("GET", `/v1/events?${query}${typeof cursor === "string" ? `&cursor=${cursor}` : ""}`);
    expect(answer.status).toBe(200);
    seen.push(...(answer.at("data") as { eventId: string }[]).map((row) => row.eventId));
    cursor = answer.at("nextCursor");
    await between();
  } while (cursor !== null);
  return seen;
}

test("pages follow each other in both orders without gaps", async () => {
  const oldest = ["e0", "e1", "e2", "e3", "e4", "e5", "e6"];
  expect(await pages("limit=3&order=oldest")).toEqual(oldest);
  expect(await pages("limit=2")).toEqual(oldest.toReversed());
  expect(await pages("limit=7")).toEqual(oldest.toReversed());
});

test("a page never skips or repeats an entry while new ones arrive", async () => {
  let n = 0;
  const seen = await pages("limit=2&order=newest", () =>
    api.call("POST", "/v1/events", { body: { eventType: "a.b", payload: {}, eventId: `new${n++}` } }),
  );
  expect(seen).toEqual(["e6", "e5", "e4", "e3", "e2", "e1", "e0"]);
});

test("a cursor keeps its order and is refused for the other one", async () => {
  const first = await api.call("GET", "/v1/events?limit=2&order=oldest");
  const cursor = first.textAt("nextCursor");
  const next = await api.call("GET", `/v1/events?limit=2&cursor=${cursor}`);
  expect(next.at("data.0.eventId")).toBe("e2");
  const other = await api.call("GET", `/v1/events?limit=2&order=newest&cursor=${cursor}`);
  expect(other.status).toBe(400);
  expect(other.at("code")).toBe("invalid_cursor");
});

test.each([
  ["that is none", "abc"],
  ["of another list", encodeCursor({ order: "newest", after: "ep_000000000000000000000000000" })],
  ["with an operator in it", encodeCursor({ order: "newest", after: "msg_.." })],
])("a cursor %s is refused", async (_what, cursor) => {
  const answer = await api.call("GET", `/v1/events?cursor=${cursor}`);
  expect(answer.status).toBe(400);
  expect(answer.at("code")).toBe("invalid_cursor");
  expect(answer.at("issues.0.path")).toBe("cursor");
});

test.each(["/v1/applications", "/v1/endpoints", "/v1/event-types", "/v1/events", "/v1/deliveries", "/v1/attempts"])(
  "%s takes cursor, limit and order, and answers data and nextCursor",
  async (path) => {
    const answer = await api.call("GET", `${path}?limit=250&order=oldest`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ data: aList, nextCursor: null });
  },
);

test("event types page by name", async () => {
  for (const name of ["c.c", "a.a", "b.b"]) await api.call("POST", "/v1/event-types", { body: { name } });
  const first = await api.call("GET", "/v1/event-types?order=oldest&limit=2");
  const second = await api.call("GET", `/v1/event-types?cursor=${first.textAt("nextCursor")}`);
  expect([first.at("data.0.name"), first.at("data.1.name"), second.at("data.0.name")]).toEqual(["a.a", "b.b", "c.c"]);
});
