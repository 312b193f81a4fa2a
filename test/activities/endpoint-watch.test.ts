import { beforeEach, expect, test, vi } from "vitest";
import { EndpointWatch } from "../../activities/endpoint-watch.js";
import { BREAKER, HEALTHY } from "../../core/endpoint-health.js";
import type { Observation } from "../../core/endpoint-health.js";
import type { Endpoint } from "../../core/model.js";
import type { OutcomeClass } from "../../core/outcome.js";
import { createActivityWorld } from "../support/activity-ports.js";
import type { ActivityWorld } from "../support/activity-ports.js";

let world: ActivityWorld;
let endpoint: Endpoint;
beforeEach(() => {
  world = createActivityWorld();
  endpoint = world.newEndpoint();
});

const stored = (): Endpoint => world.state.endpoints.get(endpoint.id) ?? endpoint;
const told = (): string[] => world.told.map((it) => it.type);

function note(watch: EndpointWatch, outcome: OutcomeClass, more: Partial<Observation> = {}): void {
  watch.note(stored(), { atMs: world.ports.clock.now(), outcome, isProbe: false, isWindowBad: false, ...more });
}

/** Another process on the same store. */
function anotherWatch(): EndpointWatch {
  const { endpoints, directory, operational, clock, log } = world.ports;
  return new EndpointWatch({ endpoints, directory, operational, clock, log });
}

test("an endpoint whose requests succeed is neither read nor written", () => {
  const { watch, endpoints } = world.ports;
  const [read, written] = [vi.spyOn(endpoints, "findById"), vi.spyOn(endpoints, "putHealth")];

  for (let attempt = 0; attempt < 100; attempt += 1) note(watch, "ok");

  expect(read).not.toHaveBeenCalled();
  expect(written).not.toHaveBeenCalled();
});

test("failures that come together are written together, and the change is told once", async () => {
  const { watch, endpoints } = world.ports;
  const written = vi.spyOn(endpoints, "putHealth");

  for (let attempt = 0; attempt < 200; attempt += 1) note(watch, "http.500");
  await watch.close();

  expect(stored().health).toMatchObject({ consecutiveFailures: 200, untold: [] });
  expect(told()).toEqual(["endpoint.failing"]);
  // The failures, in one write or two, and that the change was told.
  expect(written.mock.calls.length).toBeLessThanOrEqual(3);
});

test("two processes that note failures at the same time lose none", async () => {
  const other = anotherWatch();
  for (let attempt = 0; attempt < 20; attempt += 1) {
    note(world.ports.watch, "http.500");
    note(other, "http.500");
  }
  await Promise.all([world.ports.watch.close(), other.close()]);

  expect(stored().health.consecutiveFailures).toBe(40);
  expect(told()).toEqual(["endpoint.failing"]);
});

test("a success that another process sees closes the breaker for all", async () => {
  const { watch } = world.ports;
  for (let attempt = 0; attempt < BREAKER.transportFailures; attempt += 1) note(watch, "connect.refused");
  await watch.close();
  expect(watch.gate(stored())).toMatchObject({ kind: "open" });

  const other = anotherWatch();
  note(other, "ok");
  await other.close();

  expect(watch.gate(stored())).toEqual({ kind: "closed" });
  expect(told()).toEqual(["endpoint.failing", "endpoint.recovered"]);
});

test("the breaker is open for this process before it is written", () => {
  const { watch } = world.ports;
  for (let attempt = 0; attempt < BREAKER.transportFailures; attempt += 1) note(watch, "timeout.headers");
  expect(watch.gate(endpoint)).toMatchObject({ kind: "open" });
  expect(endpoint.health).toEqual(HEALTHY);
});

test("of two processes that ask for the probe of a half-open breaker one gets it", async () => {
  for (let attempt = 0; attempt < BREAKER.transportFailures; attempt += 1) note(world.ports.watch, "connect.refused");
  await world.ports.watch.close();
  const other = anotherWatch();
  expect(await other.claimProbe(stored())).toBe(false);

  world.advance(BREAKER.openMs + 1);
  expect(other.gate(stored())).toEqual({ kind: "half-open" });
  const before = stored();
  const claims = await Promise.all([world.ports.watch.claimProbe(before), other.claimProbe(before)]);

  expect(claims.filter((it) => it)).toHaveLength(1);
  expect(other.gate(stored())).toMatchObject({ kind: "open" });
});

test("a probe that is lost with its process is followed by another", async () => {
  for (let attempt = 0; attempt < BREAKER.transportFailures; attempt += 1) note(world.ports.watch, "connect.refused");
  await world.ports.watch.close();
  world.advance(BREAKER.openMs + 1);
  expect(await anotherWatch().claimProbe(stored())).toBe(true);

  world.advance(endpoint.timeoutMs + 10_000);

  expect(await world.ports.watch.claimProbe(stored())).toBe(true);
});

test("an answer about a URL that was corrected meanwhile says nothing of the new one", async () => {
  const { watch } = world.ports;
  const old = stored();
  world.state.endpoints.set(endpoint.id, { ...old, url: "https://other.example.com/hook" });

  watch.note(old, { atMs: 0, outcome: "gone", isProbe: false, isWindowBad: false });
  await watch.close();

  expect(stored()).toMatchObject({ status: "active", health: HEALTHY });
  expect(told()).toEqual([]);
});

test("a change that a process could not tell is told by the next sweep, once", async () => {
  const { watch } = world.ports;
  vi.spyOn(world.ports.operational, "tell").mockRejectedValueOnce(new Error("the process ends here"));
  for (let attempt = 0; attempt < 5; attempt += 1) note(watch, "http.500");
  await watch.close();
  expect(told()).toEqual([]);

  const other = anotherWatch();
  for (let sweep = 0; sweep < 2; sweep += 1) {
    await other.tellUntold(await world.ports.endpoints.withUntold(10));
  }

  expect(world.told).toMatchObject([{ type: "endpoint.failing", endpointId: endpoint.id, consecutiveFailures: 5 }]);
  expect(stored().health.untold).toEqual([]);
});

test("an endpoint that somebody has disabled meanwhile is not disabled again, and nobody is told", async () => {
  const { watch } = world.ports;
  const active = stored();
  world.state.endpoints.set(endpoint.id, { ...active, status: "disabled", statusReason: "manual" });

  watch.note(active, { atMs: 0, outcome: "gone", isProbe: false, isWindowBad: false });
  await watch.close();

  expect(stored()).toMatchObject({ status: "disabled", statusReason: "manual" });
  expect(told()).toEqual([]);
});

test("what a caller who has disabled it has left to be told is told with the answers that come afterwards", async () => {
  const { watch, endpoints } = world.ports;
  const active = stored();
  await endpoints.update(active.applicationId, active.id, {
    ...{ status: "disabled", statusReason: "manual", notice: { type: "endpoint.disabled", reason: "manual" } },
  });

  watch.note(active, { atMs: 0, outcome: "gone", isProbe: false, isWindowBad: false });
  await watch.close();

  expect(world.told).toMatchObject([{ type: "endpoint.disabled", reason: "manual", endpointId: endpoint.id }]);
  expect(stored().health.untold).toEqual([]);
});
