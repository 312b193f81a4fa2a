/** Deliveries and attempts in memory. */
import { needsOwner } from "../../../core/delivery-state.js";
import type { Attempt, Delivery, DeliveryStatus } from "../../../core/model.js";
import type { AttemptStore, DeliveryStore, OverdueDelivery } from "../../../core/store-ports.js";
import { isWithin, pageOf } from "./memory-state.js";
import type { MemoryState } from "./memory-state.js";

export function memoryDeliveries(state: MemoryState): DeliveryStore {
  const { deliveries, attempts } = state;
  const sorted = () => [...deliveries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const ownerless = (before: Date) =>
    sorted().filter((it) => needsOwner(it.status) && it.workflowId === null && (it.nextAttemptAt ?? before) < before);
  return {
    find: (applicationId, id) =>
      state.call(() => {
        const row = deliveries.get(id);
        return row?.applicationId === applicationId ? row : null;
      }),
    findByIds: (ids) => state.call(() => ids.flatMap((id) => deliveries.get(id) ?? [])),
    ofEvents: (eventIds) => state.call(() => sorted().filter((it) => eventIds.includes(it.eventId))),
    list: (applicationId, filter, page) =>
      state.call(() => {
        const { status, endpointId, eventId, eventType, httpClass } = filter;
        const rows = sorted().filter(
          (it) =>
            it.applicationId === applicationId &&
            isWithin(it.createdAt, filter) &&
            (status === null || it.status === status) &&
            (endpointId === null || it.endpointId === endpointId) &&
            (eventId === null || it.eventId === eventId) &&
            (eventType === null || it.eventType === eventType) &&
            (httpClass === null || isOfClass(it, httpClass)),
        );
        return pageOf(rows, (row) => row.id, page);
      }),
    idsOfEndpoint: (endpointId, statuses, after, limit) =>
      state.call(() =>
        sorted()
          .filter((it) => it.endpointId === endpointId && statuses.includes(it.status))
          .map((it) => it.id)
          .filter((id) => after === null || id > after)
          .slice(0, limit),
      ),
    overdue: (before, after, limit) =>
      state.call(() =>
        sorted()
          .flatMap(({ id, workflowId, nextAttemptAt }) =>
            nextAttemptAt === null ? [] : [{ id, workflowId, nextAttemptAt }],
          )
          .sort((a, b) => a.nextAttemptAt.getTime() - b.nextAttemptAt.getTime())
          .filter((it) => it.nextAttemptAt < before && (after === null || isAfter(it, after)))
          .slice(0, limit),
      ),
    ownerlessDue: (before, except, limit) =>
      state.call(() =>
        ownerless(before)
          .filter((it) => !except.includes(it.endpointId))
          .slice(0, limit),
      ),
    ownerless: (endpointId, before, limit) =>
      state.call(() =>
        ownerless(before)
          .filter((it) => it.endpointId === endpointId)
          .slice(0, limit),
      ),
    insertNew: (rows) =>
      state.call(() => {
        for (const row of rows) if (!deliveries.has(row.id)) deliveries.set(row.id, row);
      }),
    record: ({ attempt, delivery }) =>
      state.call(() => {
        attempts.set(attempt.id, attempt);
        const known = deliveries.get(delivery.id);
        if (known !== undefined && known.attemptCount >= delivery.attemptCount) return;
        deliveries.set(delivery.id, { ...delivery, workflowId: (known ?? delivery).workflowId });
      }),
    takeOver: (ids, from, to) =>
      state.call(() =>
        ids.filter((id) => {
          const row = deliveries.get(id);
          if (row === undefined || ![from, null, to].includes(row.workflowId)) return false;
          deliveries.set(id, { ...row, workflowId: to });
          return true;
        }),
      ),
    park: (ids, owner, change) =>
      state.call(() => {
        for (const id of ids) {
          const row = deliveries.get(id);
          if (row?.workflowId !== owner || !needsOwner(row.status)) continue;
          deliveries.set(id, { ...row, ...change, workflowId: null, updatedAt: state.now() });
        }
      }),
    settle: (ids, from, change) =>
      state.call(() => {
        const moving = ids.flatMap((id) => deliveries.get(id) ?? []).filter((it) => from.includes(it.status));
        for (const row of moving) {
          const workflowId = change.status === "held" ? null : row.workflowId;
          deliveries.set(row.id, { ...row, ...change, workflowId, updatedAt: state.now() });
        }
        return moving.length;
      }),
    reschedule: (times) =>
      state.call(() => {
        for (const { id, nextAttemptAt } of times) {
          const row = deliveries.get(id);
          if (row !== undefined && needsOwner(row.status)) deliveries.set(id, { ...row, nextAttemptAt });
        }
      }),
    countOfEndpoint: (endpointId, statuses) =>
      state.call(() => sorted().filter((it) => it.endpointId === endpointId && statuses.includes(it.status)).length),
    countByStatus: ({ eventId }) =>
      state.call(() => {
        const counts: Partial<Record<DeliveryStatus, number>> = {};
        for (const row of deliveries.values()) {
          if (row.eventId === eventId) counts[row.status] = (counts[row.status] ?? 0) + 1;
        }
        return counts;
      }),
  };
}

function isAfter(one: Pick<OverdueDelivery, "id" | "nextAttemptAt">, other: typeof one): boolean {
  const apartMs = one.nextAttemptAt.getTime() - other.nextAttemptAt.getTime();
  return apartMs === 0 ? one.id > other.id : apartMs > 0;
}

export function memoryAttempts(state: MemoryState): AttemptStore {
  const { attempts } = state;
  const sorted = () => [...attempts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    find: (applicationId, id) =>
      state.call(() => {
        const row = attempts.get(id);
        return row?.applicationId === applicationId ? row : null;
      }),
    list: (applicationId, filter, page) =>
      state.call(() => {
        const { endpointId, eventId, deliveryId, outcome, succeeded, eventTypes } = filter;
        const rows = sorted().filter(
          (it) =>
            it.applicationId === applicationId &&
            isWithin(it.startedAt, filter) &&
            (endpointId === null || it.endpointId === endpointId) &&
            (eventId === null || it.eventId === eventId) &&
            (deliveryId === null || it.deliveryId === deliveryId) &&
            (outcome === null || isOfOutcome(it, outcome)) &&
            (succeeded === null || (it.outcome === "ok") === succeeded) &&
            (eventTypes === null || eventTypes.includes(it.eventType)),
        );
        return pageOf(rows, (row) => row.id, page);
      }),
    ofDelivery: (deliveryId, limit) =>
      state.call(() =>
        sorted()
          .filter((it) => it.deliveryId === deliveryId)
          .slice(-limit),
      ),
    ofDeliveries: (deliveryIds) => state.call(() => sorted().filter((it) => deliveryIds.includes(it.deliveryId))),
  };
}

function isOfClass(delivery: Delivery, httpClass: number): boolean {
  if (delivery.attemptCount === 0) return false;
  return Math.floor((delivery.lastStatusCode ?? 0) / 100) === httpClass;
}

function isOfOutcome(attempt: Attempt, outcome: string): boolean {
  return outcome.endsWith(".*") ? attempt.outcome.startsWith(outcome.slice(0, -1)) : attempt.outcome === outcome;
}
