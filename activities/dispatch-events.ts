/**
 * First attempts of a batch of events, as the workflow sees them: adopt what this process has in flight, make what nobody
 * has begun, wait a moment for slow receivers, and hand everything that is not delivered to the retry lanes.
 */
import type { Delivery, Endpoint, WebhookEvent } from "../core/model.js";
import type { Turn } from "../core/rate-limit.js";
import type { Lane } from "../core/workflow-contract.js";
import { beginAttempts, NO_TRY } from "./begin-attempts.js";
import type { Candidate } from "./begin-attempts.js";
import { inBites } from "./bites.js";
import { handOver, startedAtOnce } from "./hand-over.js";
import { OVER } from "./first-attempts.js";
import type { Flight } from "./first-attempts.js";
import { afterWait, expectedAt, foreignPending, ownPending } from "./pending-deliveries.js";
import type { Pending } from "./pending-deliveries.js";
import { park, parksUntil } from "./parking.js";
import { planDeliveries } from "./plan-deliveries.js";
import type { PlannedDelivery } from "./plan-deliveries.js";
import type { ActivityPorts } from "./ports.js";

/** An event older than this may be in another workflow too: its lease decides. */
const FRESH_MS = 10_000;
const LEASE_MS = 60_000;
/** Deliveries planned in one call; the rest of the batch comes in the next call. */
const PLANNED_MAX = 2_000;
/** What publishers write waits for so many marks and no more. */
const MARKED_AT_ONCE_MAX = 50;
/** A process may act on endpoints as they were this long ago. */
const SNAPSHOT_MS = 3_000;

export interface DispatchInput {
  eventIds: string[];
  /** Names the run, for the lease. */
  owner: string;
}

export interface DispatchResult {
  lanes: Lane[];
  /** How many to start together. */
  lanesAtOnce: number;
  /** Events of the batch that were not looked at yet. */
  rest: string[];
}

export interface FlightSource {
  has(eventId: string): boolean;
  /** `undefined`: it is not ours. */
  adopt(eventId: string): Flight | undefined;
}

interface Work {
  pending: Pending[];
  /** Open deliveries on record, from a run before. */
  open: Delivery[];
  held: Delivery[];
  parked: Delivery[];
  /** To be attempted here. */
  candidates: Candidate[];
  /** Of endpoints with a rate limit. */
  limited: Pick<PlannedDelivery, "endpoint" | "delivery">[];
  /** As they were when the deliveries were planned, by id. */
  endpoints: Map<string, Endpoint>;
}

export async function dispatchEvents(
  ports: ActivityPorts,
  flights: FlightSource,
  input: DispatchInput,
): Promise<DispatchResult> {
  const work: Work = { pending: [], open: [], held: [], parked: [], candidates: [], limited: [], endpoints: new Map() };
  const done: string[] = [];
  /** Not those that another run has leased: it answers for them until they are dispatched. */
  const ours: string[] = [];
  const stored = await load(ports, input, (id) => !flights.has(id));
  for (const id of input.eventIds) {
    if (work.pending.length + work.candidates.length >= PLANNED_MAX) break;
    done.push(id);
    const flight = flights.adopt(id);
    const known = stored.get(id);
    if (flight !== undefined) await joinFlight(ports, work, flight);
    else if (known !== undefined) await takeUp(ports, work, known);
    else continue;
    ours.push(id);
  }
  const turns = await reserveTurns(ports, work.limited);
  const begun = await beginAttempts(ports, work.candidates);
  work.pending.push(...begun.map((it) => ownPending(it.delivery, it.attempt)));
  const { open: attempted, missing } = await afterWait(ports, work.pending);
  const open = await withoutParked(ports, attempted, work.endpoints);
  const lanes = await handOver(ports, {
    held: work.held,
    parked: work.parked,
    open: [...work.open, ...open],
    missing: missing.map((it) => expectedAt(it, turns.get(it.delivery.id)?.expectedAtMs ?? ports.clock.now())),
    turns,
  });
  await inBites(ours, {
    itemsMax: MARKED_AT_ONCE_MAX,
    write: (ids) => ports.events.setState(ids, ["accepted", "scheduled"], "dispatched"),
  });
  return { lanes, lanesAtOnce: startedAtOnce(lanes), rest: input.eventIds.slice(done.length) };
}

interface Stored {
  event: WebhookEvent;
  deliveries: Delivery[];
}

async function load(
  ports: ActivityPorts,
  input: DispatchInput,
  wanted: (id: string) => boolean,
): Promise<Map<string, Stored>> {
  const ids = input.eventIds.filter(wanted);
  if (ids.length === 0) return new Map();
  const nowMs = ports.clock.now();
  const found = (await ports.events.findByIds(ids)).filter((it) => it.state !== "cancelled");
  const late = found.filter((it) => isLate(it, nowMs));
  const leased = new Set(
    late.length === 0
      ? []
      : await ports.events.lease(
          late.map((it) => it.id),
          input.owner,
          new Date(nowMs + LEASE_MS),
        ),
  );
  const lateIds = new Set(late.map((it) => it.id));
  const ours = found.filter((it) => !lateIds.has(it.id) || leased.has(it.id));
  const deliveries = await ports.deliveries.ofEvents(ours.map((it) => it.id));
  const stored = new Map<string, Stored>(ours.map((event) => [event.id, { event, deliveries: [] }]));
  for (const delivery of deliveries) stored.get(delivery.eventId)?.deliveries.push(delivery);
  return stored;
}

/** Not one that was dispatched: no first attempts are left to make, only its lanes may have to be started. */
function isLate(event: WebhookEvent, nowMs: number): boolean {
  if (event.state === "dispatched" || flies(event, nowMs)) return false;
  return nowMs - (event.deliverAt ?? event.createdAt).getTime() > FRESH_MS;
}

function flies(event: WebhookEvent, nowMs: number): boolean {
  return event.headStart !== null && event.headStart.until.getTime() > nowMs;
}

async function joinFlight(ports: ActivityPorts, work: Work, flight: Flight): Promise<void> {
  if (flight === OVER) return;
  const flying = await flight.deliveries;
  if (flying === null) {
    await takeUp(ports, work, { event: { ...flight.event, headStart: null }, deliveries: [] });
    return;
  }
  for (const it of flying) {
    work.endpoints.set(it.planned.endpoint.id, it.planned.endpoint);
    if (it.planned.endpoint.rateLimit !== null && it.planned.route === "lane") work.limited.push(it.planned);
    if (it.planned.route === "held") work.held.push(it.planned.delivery);
    else if (it.planned.route === "parked") work.parked.push(it.planned.delivery);
    else work.pending.push(ownPending(it.planned.delivery, it.attempt));
  }
}

async function takeUp(ports: ActivityPorts, work: Work, stored: Stored): Promise<void> {
  const { event } = stored;
  const nowMs = ports.clock.now();
  const recorded = new Set(stored.deliveries.map((it) => it.id));
  work.open.push(...stored.deliveries.filter((it) => it.status === "pending" || it.status === "retrying"));
  work.held.push(...stored.deliveries.filter((it) => it.status === "held"));
  // All its deliveries are on record; endpoints that came later have no part in it.
  if (event.state === "dispatched") return;
  for (const planned of await planDeliveries(ports, event)) {
    work.endpoints.set(planned.endpoint.id, planned.endpoint);
    if (recorded.has(planned.delivery.id)) continue;
    if (planned.route === "held") work.held.push(planned.delivery);
    else if (planned.route === "parked" && !flies(event, nowMs)) work.parked.push(planned.delivery);
    else if (flies(event, nowMs) && !wasLimited(planned.endpoint, event)) {
      const settledByMs = event.headStart?.until.getTime() ?? nowMs;
      work.pending.push(foreignPending(planned.delivery, settledByMs));
    } else if (planned.route === "lane" || planned.route === "crowded") {
      if (planned.endpoint.rateLimit !== null) work.limited.push(planned);
      work.pending.push(ownPending(planned.delivery, NO_TRY));
    } else {
      const { endpoint, delivery } = planned;
      work.candidates.push({ event, endpoint, delivery, isLate: isLate(event, nowMs) });
    }
  }
}

/** Of what has failed, that which is not parked until its endpoint's breaker lets somebody through. */
async function withoutParked(
  ports: ActivityPorts,
  open: readonly Delivery[],
  endpoints: Work["endpoints"],
): Promise<Delivery[]> {
  const going: Delivery[] = [];
  const resting = new Map<number, string[]>();
  for (const it of open) {
    const endpoint = endpoints.get(it.endpointId);
    const until = endpoint === undefined || it.test || it.workflowId !== null ? null : parksUntil(ports, endpoint);
    if (until === null) going.push(it);
    else resting.set(until.getTime(), [...(resting.get(until.getTime()) ?? []), it.id]);
  }
  for (const [untilMs, ids] of resting) await park(ports, ids, { owner: null, until: new Date(untilMs) });
  return going;
}

/** Nobody has begun an attempt: at an endpoint with a rate limit there is no head start. */
function wasLimited(endpoint: Endpoint, event: WebhookEvent): boolean {
  const [changedMs, madeMs] = [endpoint.updatedAt.getTime(), endpoint.createdAt.getTime()];
  return endpoint.rateLimit !== null && (changedMs === madeMs || changedMs + SNAPSHOT_MS < event.createdAt.getTime());
}

/** Here and not by the lanes, which begin in any order: who was accepted first goes first. */
async function reserveTurns(ports: ActivityPorts, limited: Work["limited"]): Promise<Map<string, Turn>> {
  const endpoints = new Map(limited.map(({ endpoint }) => [endpoint.id, endpoint]));
  const turns = [...endpoints.values()].map((endpoint) => {
    const ids = limited.filter((it) => it.endpoint.id === endpoint.id).map((it) => it.delivery.id);
    return ports.turns.reserve(endpoint, new Map(ids.map((id) => [id, null])));
  });
  return new Map((await Promise.all(turns)).flatMap((it) => [...it]));
}
