/** How an endpoint is written down. */
import type { UpdateFilter } from "mongodb";
import type {
  ClientErrors,
  Endpoint,
  EndpointStatus,
  PairedEvents,
  ReceiverState,
  WireProfile,
} from "../core/model.js";
import { HEALTHY, noticedAt } from "../core/endpoint-health.js";
import type { EndpointChange } from "../core/store-ports.js";
import type { RateLimit } from "../core/rate-limit.js";
import type { RetryPolicy } from "../core/retry.js";
import { decodeHealth, decodeStatusReason, FORGIVEN, NEXT_REVISION, untold } from "./endpoint-health-document.js";
import { Fields, pairsOf } from "./decode.js";
import type { StoredDocument } from "./decode.js";
import {
  headerRecord,
  headerSecrets,
  openAsymmetricKeys,
  openHeaders,
  openSecrets,
  sealAsymmetricKeys,
  sealHeaders,
  sealSecrets,
} from "./sealing/endpoint-values.js";
import type { Owner } from "./sealing/endpoint-sealer.js";
import type { Sealer } from "./sealing/sealer.js";

const PROFILES: readonly WireProfile[] = ["standard", "svix", "metriport"];
const STATUSES: readonly EndpointStatus[] = ["active", "paused", "disabled"];
const CLIENT_ERRORS: readonly ClientErrors[] = ["retry", "fail"];
const PAIRED: readonly PairedEvents[] = ["both", "group", "granular"];

/** A `uid` is unique within its application. Ids are of fixed length, so no two pairs make the same key. */
export function uidKeyOf(applicationId: string, uid: string): string {
  return `${applicationId}/${uid}`;
}

export function encodeEndpoint(endpoint: Endpoint, sealer: Sealer): StoredDocument {
  const { id, uid, headers, metadata, secrets, asymmetricKeys, ...rest } = endpoint;
  const sealing = sealer.of({ applicationId: endpoint.applicationId, endpointId: id });
  return {
    _id: id,
    ...rest,
    uid,
    sealedHeaders: sealHeaders(sealing, headerSecrets(headers)),
    metadata: pairsOf(metadata),
    secrets: sealSecrets(sealing, secrets),
    asymmetricKeys: sealAsymmetricKeys(sealing, asymmetricKeys),
    ...(uid !== null && { uidKey: uidKeyOf(endpoint.applicationId, uid) }),
  };
}

export function endpointUpdate(
  owner: Owner,
  change: EndpointChange,
  { updatedAt, sealer }: { updatedAt: Date; sealer: Sealer },
): UpdateFilter<StoredDocument> {
  const { forgiven, notice, headers, metadata, secrets, asymmetricKeys, ...rest } = change;
  const sealing = sealer.of(owner);
  // Plain values, from before values were sealed, go with the first sealed ones.
  const unset = { ...(headers && { headers: "" as const }), ...(change.uid === null && { uidKey: "" as const }) };
  return {
    $set: {
      ...rest,
      updatedAt,
      ...(headers && { sealedHeaders: sealHeaders(sealing, headerSecrets(headers)) }),
      ...(metadata && { metadata: pairsOf(metadata) }),
      ...(secrets && { secrets: sealSecrets(sealing, secrets) }),
      ...(asymmetricKeys && { asymmetricKeys: sealAsymmetricKeys(sealing, asymmetricKeys) }),
      ...(typeof change.uid === "string" && { uidKey: uidKeyOf(owner.applicationId, change.uid) }),
      ...(forgiven && FORGIVEN),
    },
    ...((forgiven ?? notice) && NEXT_REVISION),
    ...(notice && untold(noticedAt(notice, updatedAt))),
    ...(Object.keys(unset).length > 0 && { $unset: unset }),
  };
}

/** Values that do not open are in it all the same, and throw `internal` when they are read. */
export function decodeEndpoint(document: StoredDocument, sealer: Sealer): Endpoint {
  const fields = new Fields("endpoints", document);
  const [id, applicationId] = [fields.text("_id"), fields.text("applicationId")];
  const sealing = sealer.of({ applicationId, endpointId: id });
  return {
    id,
    applicationId,
    uid: fields.textOrNull("uid"),
    url: fields.text("url"),
    description: fields.text("description"),
    eventTypes: fields.texts("eventTypes"),
    channels: fields.texts("channels"),
    headers: headerRecord(openHeaders(sealing, fields)),
    metadata: fields.record("metadata"),
    profile: fields.oneOf("profile", PROFILES),
    retryPolicy: decodePolicy(fields.inner("retryPolicy")),
    rateLimit: fields.isNull("rateLimit") ? null : decodeRateLimit(fields.inner("rateLimit")),
    clientErrors: fields.isNull("clientErrors") ? "retry" : fields.oneOf("clientErrors", CLIENT_ERRORS),
    timeoutMs: fields.number("timeoutMs"),
    status: fields.oneOf("status", STATUSES),
    statusReason: decodeStatusReason(fields, "statusReason"),
    pairedEvents: fields.oneOf("pairedEvents", PAIRED),
    skipPong: fields.flag("skipPong"),
    receiver: fields.isNull("receiver") ? null : decodeReceiver(fields.inner("receiver")),
    health: fields.isNull("health") ? HEALTHY : decodeHealth(fields.inner("health")),
    secrets: openSecrets(sealing, fields),
    asymmetricKeys: openAsymmetricKeys(sealing, fields),
    createdAt: fields.time("createdAt"),
    updatedAt: fields.time("updatedAt"),
  };
}

function decodeReceiver(fields: Fields): ReceiverState {
  return { healthy: fields.flag("healthy"), detail: fields.text("detail") };
}

function decodePolicy(fields: Fields): RetryPolicy {
  return { scheduleSeconds: fields.numbers("scheduleSeconds"), jitter: fields.number("jitter") };
}

function decodeRateLimit(fields: Fields): RateLimit {
  return { perSecond: fields.number("perSecond"), burst: fields.number("burst") };
}
