/** Events in memory. */
import type { EventSummary, WebhookEvent } from "../../../core/model.js";
import type { EventStore } from "../../../core/store-ports.js";
import { isWithin, pageOf } from "./memory-state.js";
import type { MemoryState } from "./memory-state.js";

export function memoryEvents(state: MemoryState): EventStore {
  const { events } = state;
  const of = (applicationId: string) => [...events.values()].filter((it) => it.applicationId === applicationId);
  const withEventId = (applicationId: string, eventId: string | null) =>
    eventId === null ? undefined : of(applicationId).find((it) => it.eventId === eventId);
  const leases = new Map<string, { owner: string; until: Date }>();
  return {
    insert: (event) =>
      state.call(() => {
        const first = withEventId(event.applicationId, event.eventId);
        if (first === undefined) {
          events.set(event.id, event);
          return { kind: "inserted" };
        }
        return { kind: first.contentHash === event.contentHash ? "duplicate" : "conflict", first };
      }),
    find: (applicationId, reference) =>
      state.call(() => {
        const byId = events.get(reference);
        if (byId?.applicationId === applicationId) return byId;
        return withEventId(applicationId, reference) ?? null;
      }),
    findByIds: (ids) => state.call(() => ids.flatMap((id) => events.get(id) ?? [])),
    list: (applicationId, filter, page) =>
      state.call(() => {
        const { eventType, channel, text } = filter;
        const rows = of(applicationId).filter(
          (it) =>
            isWithin(it.createdAt, filter) &&
            (eventType === null || it.eventType === eventType) &&
            (channel === null || it.channels.includes(channel)) &&
            (text === null || it.id.includes(text) || it.eventId?.includes(text) === true),
        );
        const found = pageOf(rows, (row) => row.id, page);
        return { rows: found.rows.map(summary), next: found.next };
      }),
    setState: (ids, from, to) =>
      state.call(() => {
        const moving = ids.flatMap((id) => events.get(id) ?? []).filter((it) => from.includes(it.state));
        for (const event of moving) events.set(event.id, { ...event, state: to });
        return moving.length;
      }),
    lease: (ids, owner, until) =>
      state.call(() =>
        ids.filter((id) => {
          const lease = leases.get(id);
          if (events.get(id)?.state !== "accepted") return false;
          if (lease !== undefined && lease.owner !== owner && lease.until > state.now()) return false;
          leases.set(id, { owner, until });
          return true;
        }),
      ),
    undispatched: (before, limit) =>
      state.call(() =>
        [...events.values()]
          .filter((it) => (it.state === "accepted" ? it.createdAt < before : isDue(it, before)))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit),
      ),
  };
}

function isDue(event: WebhookEvent, before: Date): boolean {
  return event.state === "scheduled" && event.deliverAt !== null && event.deliverAt < before;
}

function summary(event: WebhookEvent): EventSummary {
  const { id, applicationId, eventId, eventType, channels, metadata, contentType, ...rest } = event;
  const { payload, endpointIds, pairRole, test, deliverAt, state, createdAt } = rest;
  const named = { id, applicationId, eventId, eventType, channels, metadata, contentType };
  return { ...named, endpointIds, pairRole, test, deliverAt, state, createdAt, payloadBytes: payload.length };
}
