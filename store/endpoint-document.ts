/** How an endpoint is written down. */
import type { UpdateFilter } from "mongodb";
import type {
  Endpoint,
  EndpointStatus,
  EndpointStatusReason,
  PairedEvents,
  ReceiverState,
  SigningSecret,
  WireProfile,
} from "../core/model.js";
import type { EndpointChange } from "../core/ports.js";
import type { RetryPolicy } from "../core/retry.js";
import { Fields, pairsOf } from "./decode.js";
import type { StoredDocument } from "./decode.js";

const PROFILES: readonly WireProfile[] = ["standard", "svix", "metriport"];
const STATUSES: readonly EndpointStatus[] = ["active", "paused", "disabled"];
const REASONS: readonly EndpointStatusReason[] = ["manual", "gone", "cleared"];
const PAIRED: readonly PairedEvents[] = ["both", "group", "granular"];

/** A `uid` is unique within its application. Ids are of fixed length, so no two pairs make the same key. */
export function uidKeyOf(applicationId: string, uid: string): string {
  return `${applicationId}/${uid}`;
}

export function encodeEndpoint(endpoint: Endpoint): StoredDocument {
  const { id, uid, headers, metadata, secrets, ...rest } = endpoint;
  return {
    _id: id,
    ...rest,
    uid,
    headers: pairsOf(headers),
    metadata: pairsOf(metadata),
    secrets: secrets.map(encodeSecret),
    ...(uid !== null && { uidKey: uidKeyOf(endpoint.applicationId, uid) }),
  };
}

export function endpointUpdate(
  applicationId: string,
  change: EndpointChange,
  updatedAt: Date,
): UpdateFilter<StoredDocument> {
  const { headers, metadata, secrets, ...rest } = change;
  return {
    $set: {
      ...rest,
      updatedAt,
      ...(headers && { headers: pairsOf(headers) }),
      ...(metadata && { metadata: pairsOf(metadata) }),
      ...(secrets && { secrets: secrets.map(encodeSecret) }),
      ...(typeof change.uid === "string" && { uidKey: uidKeyOf(applicationId, change.uid) }),
    },
    ...(change.uid === null && { $unset: { uidKey: "" } }),
  };
}

export function decodeEndpoint(document: StoredDocument): Endpoint {
  const fields = new Fields("endpoints", document);
  return {
    id: fields.text("_id"),
    applicationId: fields.text("applicationId"),
    uid: fields.textOrNull("uid"),
    url: fields.text("url"),
    description: fields.text("description"),
    eventTypes: fields.texts("eventTypes"),
    channels: fields.texts("channels"),
    headers: fields.record("headers"),
    metadata: fields.record("metadata"),
    profile: fields.oneOf("profile", PROFILES),
    retryPolicy: decodePolicy(fields.inner("retryPolicy")),
    timeoutMs: fields.number("timeoutMs"),
    status: fields.oneOf("status", STATUSES),
    statusReason: fields.isNull("statusReason") ? null : fields.oneOf("statusReason", REASONS),
    pairedEvents: fields.oneOf("pairedEvents", PAIRED),
    skipPong: fields.flag("skipPong"),
    receiver: fields.isNull("receiver") ? null : decodeReceiver(fields.inner("receiver")),
    secrets: fields.inners("secrets").map(decodeSecret),
    createdAt: fields.time("createdAt"),
    updatedAt: fields.time("updatedAt"),
  };
}

/** The database is where a signing secret must be readable; nothing else writes one out. */
function encodeSecret({ key, createdAt, expiresAt }: SigningSecret): Record<string, unknown> {
  return { key: key.reveal(), createdAt, expiresAt };
}

function decodeSecret(fields: Fields): SigningSecret {
  return { key: fields.secret("key"), createdAt: fields.time("createdAt"), expiresAt: fields.timeOrNull("expiresAt") };
}

function decodeReceiver(fields: Fields): ReceiverState {
  return { healthy: fields.flag("healthy"), detail: fields.text("detail") };
}

function decodePolicy(fields: Fields): RetryPolicy {
  return { scheduleSeconds: fields.numbers("scheduleSeconds"), jitter: fields.number("jitter") };
}
