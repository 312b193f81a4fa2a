import { expect, test } from "vitest";
import type { ProcessStore } from "../../../core/store-ports.js";
import { ProcessRegistry } from "../../../runtime/process-registry.js";
import { useStore } from "./fixture.js";

const fixture = useStore();
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

test("a process is there from its first word on, for as long as it was seen lately, until it is removed", async () => {
  const { processes } = fixture.store;
  const { clock } = fixture;
  await processes.beat({ id: "one", role: "all", seenAt: clock.at(-20_000) });
  await processes.beat({ id: "two", role: "api", seenAt: clock.at(-20_000) });
  await processes.beat({ id: "two", role: "api", seenAt: clock.at() });

  expect(await processes.seenSince(clock.at(-15_000))).toEqual([{ id: "two", role: "api", seenAt: clock.at() }]);

  expect(await processes.removeSeenBefore(clock.at(-15_000))).toBe(1);
  await processes.remove("two");
  expect(await processes.seenSince(clock.at(-60_000))).toEqual([]);
});

test("a new process sees those before it, takes little until they have made room, and leaves nothing behind", async () => {
  const { clock } = fixture;
  const shares: number[] = [];
  const start = async (id: string, role: "all" | "api" | "worker", processes: ProcessStore) => {
    const registry = new ProcessRegistry({ processes, clock, log: SILENT, id, role, shared: (it) => shares.push(it) });
    await registry.join();
    return registry;
  };
  const other = await fixture.second();
  const first = await start("first", "all", fixture.store.processes);
  const api = await start("api", "api", other.processes);
  const second = await start("second", "worker", other.processes);

  expect(first.count).toBe(1);
  expect(second.count).toBe(2);
  expect(shares).toEqual([1, 1, 0.05]);

  await Promise.all([first.leave(), api.leave(), second.leave()]);
  expect(await fixture.store.processes.seenSince(clock.at(-60_000))).toEqual([]);
});
