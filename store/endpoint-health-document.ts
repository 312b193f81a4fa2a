/** How an endpoint's health is written down: a document inside the endpoint's. */
import type { Filter, UpdateFilter } from "mongodb";
import { UNTOLD_MAX } from "../core/endpoint-health.js";
import type { EndpointHealth, HealthNotice } from "../core/endpoint-health.js";
import type { EndpointStatusReason } from "../core/model.js";
import type { Fields, StoredDocument } from "./decode.js";
import { outcomeOf } from "./delivery-document.js";

const TYPES: readonly HealthNotice["type"][] = [
  "endpoint.failing",
  "endpoint.recovered",
  "endpoint.disabled",
  "endpoint.enabled",
];
const REASONS: readonly EndpointStatusReason[] = ["manual", "gone", "failing", "cleared"];

export function decodeStatusReason(fields: Fields, field: string): EndpointStatusReason | null {
  return fields.isNull(field) ? null : fields.oneOf(field, REASONS);
}

/** What `forgiven` of core/endpoint-health.ts changes beside the revision; also where no health is kept yet. */
export const FORGIVEN = {
  "health.breaker": null,
  "health.closed": null,
  "health.transportFailures": 0,
  "health.firstFailureAt": null,
};

/** To be told with the others; also where no health is kept yet. */
export function untold(notice: HealthNotice): Pick<UpdateFilter<StoredDocument>, "$push"> {
  return { $push: { "health.untold": { $each: [notice], $slice: -UNTOLD_MAX } } } as unknown as Pick<
    UpdateFilter<StoredDocument>,
    "$push"
  >;
}

/** The driver's types know no number inside a document whose fields they do not know. */
export const NEXT_REVISION = { $inc: { "health.revision": 1 } } as unknown as Pick<
  UpdateFilter<StoredDocument>,
  "$inc"
>;

export function decodeHealth(fields: Fields): EndpointHealth {
  const breaker = fields.isNull("breaker") ? null : fields.inner("breaker");
  const closed = fields.isNull("closed") ? null : fields.inner("closed");
  return {
    revision: fields.number("revision"),
    consecutiveFailures: fields.numberOrNull("consecutiveFailures") ?? 0,
    transportFailures: fields.numberOrNull("transportFailures") ?? 0,
    firstFailureAt: fields.timeOrNull("firstFailureAt"),
    lastFailureAt: fields.timeOrNull("lastFailureAt"),
    lastOutcome: fields.isNull("lastOutcome") ? null : outcomeOf(fields, "lastOutcome"),
    breaker: breaker && {
      until: breaker.time("until"),
      openings: breaker.number("openings"),
      isProbing: breaker.flag("isProbing"),
    },
    closed: closed && { at: closed.time("at"), openings: closed.number("openings") },
    untold: fields.isNull("untold") ? [] : fields.inners("untold").map(decodeNotice),
  };
}

function decodeNotice(fields: Fields): HealthNotice {
  const type = fields.oneOf("type", TYPES);
  const known = { revision: fields.number("revision"), at: fields.time("at") };
  switch (type) {
    case "endpoint.failing": {
      const consecutiveFailures = fields.number("consecutiveFailures");
      const lastOutcome = outcomeOf(fields, "lastOutcome");
      return { ...known, type, consecutiveFailures, failingSince: fields.time("failingSince"), lastOutcome };
    }
    case "endpoint.recovered":
      return { ...known, type, failingSince: fields.time("failingSince") };
    case "endpoint.disabled":
      return { ...known, type, reason: decodeStatusReason(fields, "reason") ?? "failing" };
    case "endpoint.enabled":
      return { ...known, type };
  }
}

/** Endpoints whose health is of that revision; those from before health was kept count as 0. */
export function ofRevision(revision: number): Filter<StoredDocument> {
  return revision === 0
    ? { $or: [{ "health.revision": 0 }, { health: { $exists: false } }] }
    : { "health.revision": revision };
}
