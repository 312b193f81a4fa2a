/** Held deliveries have nobody who waits for them: whoever holds or releases one answers for what happens meanwhile. */
import type { Delivery } from "../core/model.js";
import type { ActivityPorts } from "./ports.js";

/**
 * Makes held deliveries due. From this write on they are open: if nobody comes to own them, the sweep finds them.
 * Answers them as they are now, unless somebody else has moved them.
 */
export async function makeDue(ports: ActivityPorts, held: readonly Delivery[]): Promise<Delivery[]> {
  const nextAttemptAt = new Date(ports.clock.now());
  const due = held.map((it): Delivery => ({
    ...it,
    status: it.attemptCount === 0 ? "pending" : "retrying",
    nextAttemptAt,
    reason: null,
  }));
  for (const status of ["pending", "retrying"] as const) {
    const ids = due.filter((it) => it.status === status).map((it) => it.id);
    if (ids.length > 0) await ports.deliveries.settle(ids, ["held"], { status, reason: null, nextAttemptAt });
  }
  return due;
}

/**
 * To be asked after deliveries were put on record as held: an endpoint that was resumed before has released what it
 * held without them, and one that was deleted has cancelled the rest. Answers those that are due instead.
 */
export async function dueAfterAll(ports: ActivityPorts, held: readonly Delivery[]): Promise<Delivery[]> {
  const due: Delivery[] = [];
  for (const applicationId of new Set(held.map((it) => it.applicationId))) {
    // Not from the directory: what it says may be older than the resume.
    const endpoints = new Map((await ports.endpoints.all(applicationId)).map((it) => [it.id, it.status]));
    const ours = held.filter((it) => it.applicationId === applicationId);
    due.push(...ours.filter((it) => endpoints.get(it.endpointId) === "active"));
    const orphans = ours.filter((it) => !endpoints.has(it.endpointId)).map((it) => it.id);
    if (orphans.length > 0) {
      const change = { status: "cancelled", reason: "the endpoint was deleted", nextAttemptAt: null } as const;
      await ports.deliveries.settle(orphans, ["held"], change);
    }
  }
  return makeDue(ports, due);
}
