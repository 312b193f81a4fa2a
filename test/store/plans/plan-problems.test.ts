import { expect, test } from "vitest";
import { explainable, problemsIn } from "./plan-problems.js";

const scan = { stage: "IXSCAN", indexName: "ofApplication", direction: "forward" };

test("a page by an index, also of several scans that are merged, has no problem", () => {
  const merged = { stage: "SORT_MERGE", inputStages: [scan, scan] };
  const winningPlan = { stage: "LIMIT", inputStage: { stage: "FETCH", inputStage: merged } };
  expect(problemsIn({ queryPlanner: { winningPlan, rejectedPlans: [{ stage: "COLLSCAN" }] } })).toEqual([]);
});

test("a scan of the collection and a sort in memory are found, however deep and by servers of any age", () => {
  const sorted = { stage: "SORT", inputStage: { stage: "FETCH", inputStage: scan } };
  expect(problemsIn({ queryPlanner: { winningPlan: { stage: "PROJECTION_SIMPLE", inputStage: sorted } } })).toEqual([
    "sorts in memory",
  ]);
  const all = { stage: "COLLSCAN", direction: "forward" };
  expect(
    problemsIn({ queryPlanner: { winningPlan: { queryPlan: all, slotBasedPlan: { slots: "", stages: "" } } } }),
  ).toEqual(["reads the whole collection"]);
  const cursor = { queryPlanner: { winningPlan: all } };
  expect(problemsIn({ stages: [{ $cursor: cursor }, { $group: { _id: 1 } }] })).toEqual(["reads the whole collection"]);
  expect(problemsIn({ queryPlanner: { winningPlan: { stage: "UPDATE", inputStage: all } } })).toHaveLength(1);
});

test("a command is explained without its session, and each of its statements alone", () => {
  expect(explainable("find", { find: "x", filter: { a: 1 }, limit: 5, lsid: { id: 1 }, $db: "y" })).toEqual([
    { find: "x", filter: { a: 1 }, limit: 5 },
  ]);
  const updates = [
    { q: { _id: 1 }, u: { $set: { a: 1 } } },
    { q: { _id: 2 }, u: { $set: { a: 1 } } },
  ];
  expect(explainable("update", { update: "x", updates, ordered: false })).toEqual(
    updates.map((it) => ({ update: "x", updates: [it] })),
  );
  expect(explainable("ping", { ping: 1 })).toEqual([]);
});
