/** Applications, endpoints, event types and keys in memory. */
import { forgiven, noticedAt, UNTOLD_MAX } from "../../../core/endpoint-health.js";
import { LIMITS } from "../../../core/limits.js";
import type { Endpoint, EventType } from "../../../core/model.js";
import type {
  ApiKeyStore,
  ApplicationStore,
  EndpointDirectory,
  EndpointStore,
  EventTypeStore,
} from "../../../core/store-ports.js";
import { pageOf } from "./memory-state.js";
import type { MemoryState } from "./memory-state.js";

export function memoryApplications(state: MemoryState): ApplicationStore {
  const { applications } = state;
  const withUid = (uid: string | null | undefined) =>
    typeof uid === "string" ? [...applications.values()].find((it) => it.uid === uid) : undefined;
  return {
    insert: (row) =>
      state.call(() => {
        if (withUid(row.uid) !== undefined) return { kind: "taken", field: "uid" };
        applications.set(row.id, row);
        return { kind: "inserted", row };
      }),
    find: (reference) => state.call(() => applications.get(reference) ?? withUid(reference) ?? null),
    list: (page) => state.call(() => pageOf(applications.values(), (row) => row.id, page)),
    update: (id, change) =>
      state.call(() => {
        const row = applications.get(id);
        if (row === undefined) return null;
        const other = withUid(change.uid);
        if (other !== undefined && other.id !== id) return { kind: "taken", field: "uid" };
        const changed = { ...row, ...change, updatedAt: state.now() };
        applications.set(id, changed);
        return { kind: "inserted", row: changed };
      }),
    delete: (id) =>
      state.call(() => {
        for (const map of [state.endpoints, state.eventTypes, state.apiKeys]) {
          for (const [key, row] of map) if (row.applicationId === id) map.delete(key);
        }
        return applications.delete(id);
      }),
  };
}

export function memoryEndpoints(state: MemoryState): EndpointStore {
  const { endpoints } = state;
  const of = (applicationId: string): Endpoint[] =>
    [...endpoints.values()].filter((it) => it.applicationId === applicationId).sort((a, b) => (a.id < b.id ? -1 : 1));
  const withUid = (applicationId: string, uid: string | null | undefined) =>
    typeof uid === "string" ? of(applicationId).find((it) => it.uid === uid) : undefined;
  const byId = (applicationId: string, id: string) => of(applicationId).find((it) => it.id === id);
  return {
    insert: (row) =>
      state.call(() => {
        if (of(row.applicationId).length >= LIMITS.endpointsPerApplicationMax) return { kind: "full" };
        if (withUid(row.applicationId, row.uid) !== undefined) return { kind: "taken", field: "uid" };
        endpoints.set(row.id, row);
        return { kind: "inserted", row };
      }),
    find: (applicationId, reference) =>
      state.call(() => byId(applicationId, reference) ?? withUid(applicationId, reference) ?? null),
    findById: (id) => state.call(() => endpoints.get(id) ?? null),
    list: (applicationId, page) => state.call(() => pageOf(of(applicationId), (row) => row.id, page)),
    all: (applicationId) => state.call(() => of(applicationId)),
    update: (applicationId, id, change) =>
      state.call(() => {
        const row = byId(applicationId, id);
        if (row === undefined) return null;
        const other = withUid(applicationId, change.uid);
        if (other !== undefined && other.id !== id) return { kind: "taken", field: "uid" };
        const { forgiven: isForgiven, notice, ...fields } = change;
        const updatedAt = state.now();
        const revision = row.health.revision + (isForgiven || notice ? 1 : 0);
        const notices = notice ? [noticedAt(notice, updatedAt)] : [];
        const untold = [...row.health.untold, ...notices].slice(-UNTOLD_MAX);
        const health = { ...(isForgiven ? forgiven(row.health) : row.health), revision, untold };
        const changed = { ...row, ...fields, health, updatedAt };
        endpoints.set(id, changed);
        return { kind: "inserted", row: changed };
      }),
    putHealth: ({ id, applicationId }, health, disable) =>
      state.call(() => {
        const row = byId(applicationId, id);
        if (row === undefined || row.health.revision !== health.revision - 1) return false;
        if (disable !== null && row.status === "disabled") return false;
        const status = disable === null ? {} : ({ status: "disabled", statusReason: disable } as const);
        endpoints.set(id, { ...row, health, ...status });
        return true;
      }),
    withUntold: (limit) =>
      state.call(() => [...endpoints.values()].filter((it) => it.health.untold.length > 0).slice(0, limit)),
    delete: (applicationId, id) => state.call(() => byId(applicationId, id) !== undefined && endpoints.delete(id)),
  };
}

/** Never stale: there is one process. */
export function memoryDirectory(endpoints: EndpointStore): EndpointDirectory {
  return { of: (applicationId) => endpoints.all(applicationId), invalidate: () => undefined };
}

export function memoryEventTypes(state: MemoryState): EventTypeStore {
  const { eventTypes } = state;
  const key = (applicationId: string, name: string) => `${applicationId}/${name}`;
  return {
    insert: (row) =>
      state.call(() => {
        if (eventTypes.has(key(row.applicationId, row.name))) return { kind: "taken", field: "name" };
        eventTypes.set(key(row.applicationId, row.name), row);
        return { kind: "inserted", row };
      }),
    find: (applicationId, name) => state.call(() => eventTypes.get(key(applicationId, name)) ?? null),
    list: (applicationId, page, { includeArchived }) =>
      state.call(() => {
        const shown = (row: EventType) => row.applicationId === applicationId && (includeArchived || !row.archived);
        return pageOf([...eventTypes.values()].filter(shown), (row) => row.name, page);
      }),
    update: (applicationId, name, change) =>
      state.call(() => {
        const row = eventTypes.get(key(applicationId, name));
        if (row === undefined) return null;
        const changed = { ...row, ...change, updatedAt: state.now() };
        eventTypes.set(key(applicationId, name), changed);
        return changed;
      }),
  };
}

export function memoryApiKeys(state: MemoryState): ApiKeyStore {
  const { apiKeys } = state;
  const of = (applicationId: string | null) =>
    [...apiKeys.values()].filter((row) => applicationId === null || row.applicationId === applicationId);
  return {
    insert: (row) => state.call(() => void apiKeys.set(row.id, row)),
    find: (id) => state.call(() => apiKeys.get(id) ?? null),
    list: () => state.call(() => [...apiKeys.values()]),
    page: (applicationId, page) => state.call(() => pageOf(of(applicationId), (row) => row.id, page)),
    countOf: (applicationId, limit) => state.call(() => Math.min(of(applicationId).length, limit)),
    revoke: (id, at) =>
      state.call(() => {
        const row = apiKeys.get(id);
        if (row === undefined || row.revokedAt !== null) return false;
        apiKeys.set(id, { ...row, revokedAt: at });
        return true;
      }),
    touch: (id, at) =>
      state.call(() => {
        const row = apiKeys.get(id);
        if (row === undefined || (row.lastUsedAt !== null && row.lastUsedAt > at)) return;
        apiKeys.set(id, { ...row, lastUsedAt: at });
      }),
  };
}
