/**
 * Every index of every collection. Equality first, then `_id`, which is both the time order and the key of a page.
 * Names are part of the contract: the name in a duplicate-key error says which field is taken.
 */
import type { IndexDescription } from "mongodb";

export const COLLECTIONS = {
  applications: "applications",
  endpoints: "endpoints",
  eventTypes: "eventTypes",
  events: "events",
  deliveries: "deliveries",
  attempts: "attempts",
  apiKeys: "apiKeys",
  audit: "audit",
  processes: "processes",
  rateBuckets: "rateBuckets",
} as const;

export type CollectionName = keyof typeof COLLECTIONS;

export const UID_INDEX = "uidKey";
export const DEDUPE_INDEX = "dedupeKey";

/** Unique where the field exists; documents without it are not in the index, hence absent instead of null. */
const uniqueWherePresent = (name: string): IndexDescription => ({
  name,
  key: { [name]: 1 },
  unique: true,
  sparse: true,
});

/** Of versions before; dropped when found. */
export const OBSOLETE_INDEXES: readonly { collection: CollectionName; name: string }[] = [
  { collection: "deliveries", name: "due" },
];

export const INDEXES: Readonly<Record<CollectionName, readonly IndexDescription[]>> = {
  applications: [uniqueWherePresent(UID_INDEX)],
  endpoints: [uniqueWherePresent(UID_INDEX), { name: "ofApplication", key: { applicationId: 1, _id: 1 } }],
  // `_id` is the application and the name.
  eventTypes: [],
  events: [
    uniqueWherePresent(DEDUPE_INDEX),
    { name: "ofApplication", key: { applicationId: 1, _id: 1 } },
    { name: "ofType", key: { applicationId: 1, eventType: 1, _id: 1 } },
    // The sweep's two queries; partial, so that they hold only what waits.
    { name: "accepted", key: { state: 1, _id: 1 }, partialFilterExpression: { state: "accepted" } },
    { name: "scheduled", key: { state: 1, deliverAt: 1 }, partialFilterExpression: { state: "scheduled" } },
  ],
  deliveries: [
    { name: "ofApplication", key: { applicationId: 1, _id: 1 } },
    { name: "ofApplicationByStatus", key: { applicationId: 1, status: 1, _id: 1 } },
    { name: "ofEndpoint", key: { endpointId: 1, status: 1, _id: 1 } },
    { name: "ofEvent", key: { eventId: 1 } },
    // For the sweep, which is to see what is due and not the thousands that wait behind open breakers; most deliveries are
    // written once, as delivered, and never enter it.
    { name: "overdue", key: { waiting: 1, nextAttemptAt: 1, _id: 1 }, partialFilterExpression: { waiting: true } },
    // A backlog is due and has owners; what nobody owns is not to be looked for among it.
    {
      name: "ownerless",
      key: { waiting: 1, workflowId: 1, nextAttemptAt: 1 },
      partialFilterExpression: { waiting: true },
    },
  ],
  attempts: [
    { name: "ofApplication", key: { applicationId: 1, _id: 1 } },
    { name: "ofEndpoint", key: { endpointId: 1, _id: 1 } },
    // By event, too: a delivery's id begins with its event's.
    { name: "ofDelivery", key: { deliveryId: 1, _id: 1 } },
  ],
  apiKeys: [{ name: "ofApplication", key: { applicationId: 1, _id: 1 } }],
  audit: [
    { name: "ofApplication", key: { applicationId: 1, _id: 1 } },
    { name: "ofKey", key: { keyId: 1, _id: 1 } },
    { name: "ofAction", key: { action: 1, _id: 1 } },
  ],
  // A handful of documents.
  processes: [],
  rateBuckets: [],
};
