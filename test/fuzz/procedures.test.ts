import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { procedures } from "../../api/caller.js";
import { FuzzApi } from "./fuzz-api.js";
import type { Shot } from "./fuzz-api.js";
import { hostileJson } from "./json.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { operationsOf } from "./schema.js";
import type { Operation } from "./schema.js";
import { hostileQuery, hostileText, mutated, place } from "./texts.js";

let fuzz: FuzzApi;
let operations: Operation[];
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  operations = operationsOf((await fuzz.api.call("GET", "/openapi.json")).body);
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

function operationOf(name: string): Operation {
  const found = operations.find((it) => it.name === name);
  if (found === undefined) throw new Error(`${name} is not in the document`);
  return found;
}

const reached = new Set<string>();

test.each(procedures().map((it) => it.name))(
  "%s takes any input or says what is wrong with it",
  FUZZ_TIMEOUT,
  async (name) => {
    const { method, path, subject, body, queryNames, input } = operationOf(name);
    const fire = async (shot: Shot) => {
      const { status } = await fuzz.fire(shot);
      if (status < 300) reached.add(name);
    };
    const part = fc.oneof(fc.constant(subject), fc.constant(subject), place, mutated(place), hostileText);
    const rest = fc.tuple(part, body, hostileQuery(queryNames));
    await forCases(30, rest, async ([id, text, query]) => {
      const to = path.replace(/\{\w+\}/, () => id);
      const hasBody = method === "POST" || method === "PATCH";
      await fire(hasBody ? { method, path: to, body: text } : { method, path: `${to}?${query}` });
    });

    const isQuery = procedures().find((it) => it.name === name)?.type === "query";
    const over = fc.oneof({ weight: 6, arbitrary: input }, { weight: 1, arbitrary: hostileJson });
    await forCases(30, over, async (text) => {
      if (!isQuery) {
        await fire({ method: "POST", path: `/trpc/${name}`, body: text });
        return;
      }
      // Longer ones do not get past Node's bound of a head.
      const filled = fuzz.fill(text).slice(0, 2_000);
      await fire({
        method: "GET",
        path: `/trpc/${name}?input=${encodeURIComponent(Buffer.from(filled).toString())}`,
      });
    });
  },
);

test("every procedure was walked, and most were talked into doing their work", () => {
  expect(reached.size).toBeGreaterThan(0.7 * operations.length);
  expect(operations.map((it) => it.name).sort()).toEqual(
    procedures()
      .map((it) => it.name)
      .sort(),
  );
});

test("any batch over tRPC has an answer in its form", FUZZ_TIMEOUT, async () => {
  const names = fc.array(fc.oneof(fc.constantFrom(...procedures().map((it) => it.name)), hostileText), {
    minLength: 1,
    maxLength: 4,
  });
  const path = names.map((it) =>
    it.map((one) => encodeURIComponent(Buffer.from(one.slice(0, 300)).toString())).join(","),
  );
  const query = fc.oneof(
    fc.constantFrom("?batch=1", "?batch=2", "", "?batch=1&batch=1"),
    hostileQuery(["batch", "input"]),
  );
  const method = fc.constantFrom("GET", "POST", "PUT", "HEAD");
  await forCases(800, fc.tuple(method, path, query, hostileJson), async ([verb, procedure, end, body]) => {
    const tail = end.startsWith("?") ? end : `?${end}`;
    const hasBody = verb !== "GET" && verb !== "HEAD";
    const shot = { method: verb, path: `/trpc/${procedure}${tail}`, body: hasBody ? body : undefined };
    // HEAD has no body to look at.
    if (verb === "HEAD") expect((await fuzz.send(shot)).status).toBeLessThan(500);
    else await fuzz.fire(shot);
  });
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
