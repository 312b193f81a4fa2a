import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const create = (fields: Record<string, unknown>) =>
  api.call("POST", "/v1/endpoints", { body: { url: "https://receiver.example/hook", ...fields } });

test("an endpoint has no rate limit unless one is given, and a burst of a second's requests unless another is", async () => {
  expect((await create({})).body).toMatchObject({ rateLimit: null });
  expect((await create({ rateLimit: { perSecond: 2.5 } })).body).toMatchObject({
    rateLimit: { perSecond: 2.5, burst: 3 },
  });
  expect((await create({ rateLimit: { perSecond: 0.01 } })).body).toMatchObject({ rateLimit: { burst: 1 } });
});

test("a rate limit is changed and removed, stays where it is not named, and the audit list says what it was", async () => {
  const id = (await create({ rateLimit: { perSecond: 5, burst: 10 } })).textAt("id");
  const change = (body: Record<string, unknown>) => api.call("PATCH", `/v1/endpoints/${id}`, { body });

  expect((await change({ description: "slow" })).body).toMatchObject({ rateLimit: { perSecond: 5, burst: 10 } });
  expect((await change({ rateLimit: { perSecond: 1 } })).body).toMatchObject({ rateLimit: { perSecond: 1, burst: 1 } });
  expect((await change({ rateLimit: null })).body).toMatchObject({ rateLimit: null });

  const entries = [...api.state.audit.values()].filter((it) => it.targetIds.includes(id));
  expect(entries.at(-1)).toMatchObject({
    before: { rateLimit: { perSecond: 1, burst: 1 } },
    after: { rateLimit: null },
  });
});

test.each([
  { perSecond: 0.009 },
  { perSecond: 10_001 },
  { perSecond: 5, burst: 0 },
  { perSecond: 5, burst: 1.5 },
  { perSecond: 5, burst: 10_001 },
  { burst: 5 },
  { perSecond: 5, perMinute: 5 },
  5,
])("a rate limit of %j is refused with the place, and nothing is created", async (rateLimit) => {
  const before = api.state.census();
  const answer = await create({ rateLimit });
  expect(answer.status).toBe(400);
  expect(answer.text).toContain("rateLimit");
  expect(api.state.census()).toEqual(before);
});
