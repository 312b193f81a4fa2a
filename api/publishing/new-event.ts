/** From what a publisher sends to the event that goes to disk. */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { isId } from "../../core/ids.js";
import { jsonProblem, parseJson } from "../../core/json.js";
import type { WebhookEvent } from "../../core/model.js";
import type { InputIssue } from "../../core/errors.js";
import type { ApiServices } from "../deps.js";
import { invalidInput } from "../input-issues.js";
import type { PublishItem } from "../schemas/publish.js";
import { contentHash } from "./content-hash.js";

export const JSON_TYPE = "application/json";

/** With any parameters; also what is JSON of some kind, such as `application/cloudevents+json`. */
const ANY_JSON_TYPE = /^(?:application\/json|[^/;\s]+\/[^/;\s]+\+json)\s*(?:;|$)/i;
/** Of a place in raw JSON, which is made of keys as long as the sender likes. */
const PLACE_CHARS_MAX = 300;

/** An event without what the service gives it. */
export type EventDraft = Omit<WebhookEvent, "id" | "contentHash" | "state" | "headStart" | "createdAt">;

/** Checks what only the running service knows, and completes the event. */
export async function newEvent(
  services: ApiServices,
  applicationId: string,
  item: PublishItem,
  options: { test: boolean } = { test: false },
): Promise<WebhookEvent> {
  const deliverAt = item.deliverAt === undefined ? null : new Date(item.deliverAt);
  const raw = item.payloadBase64 === undefined ? null : Buffer.from(item.payloadBase64, "base64");
  const issues = [
    ...payloadIssues(item, raw),
    ...deliverAtIssues(deliverAt, services.clock.now()),
    ...(item.endpointIds === undefined ? [] : await endpointIssues(services, applicationId, item.endpointIds)),
  ];
  if (issues.length > 0) throw invalidInput(issues);

  const contentType = item.payload === undefined ? (item.contentType ?? JSON_TYPE) : JSON_TYPE;
  // Serialised once: these bytes are hashed, stored, signed and sent.
  const payload = raw ?? Buffer.from(JSON.stringify(item.payload));
  return completeEvent(services, {
    applicationId,
    eventId: item.eventId ?? null,
    eventType: item.eventType,
    channels: item.channels ?? [],
    metadata: item.metadata ?? {},
    contentType,
    payload,
    endpointIds: item.endpointIds ?? null,
    pairRole: null,
    test: options.test,
    deliverAt,
  });
}

/** The event with its id, its hash and its head start. */
export function completeEvent(services: Pick<ApiServices, "headStarts" | "ids">, draft: EventDraft): WebhookEvent {
  const { applicationId, eventType, contentType, payload, deliverAt } = draft;
  const id = services.ids.next("event");
  return {
    id,
    ...draft,
    contentHash: contentHash(eventType, contentType, payload),
    state: deliverAt === null ? "accepted" : "scheduled",
    headStart: deliverAt === null ? services.headStarts.claim(applicationId, payload.byteLength) : null,
    // The id's own time: lists page by id and filter by time, and must agree.
    createdAt: new Date(services.ids.timeOf(id)),
  };
}

/** Not part of the schema: a refined one has no `additionalProperties: false` in the OpenAPI document. */
function payloadIssues({ payload, payloadBase64, contentType }: PublishItem, raw: Buffer | null): InputIssue[] {
  if (payload === undefined && payloadBase64 === undefined) {
    return [{ path: "payload", message: "one of payload and payloadBase64 is required" }];
  }
  if (payload !== undefined && payloadBase64 !== undefined) {
    return [{ path: "payloadBase64", message: "send either payload or payloadBase64" }];
  }
  if (payload !== undefined && contentType !== undefined) {
    return [{ path: "contentType", message: "goes with payloadBase64; a payload object is always application/json" }];
  }
  if (payloadBase64 !== undefined && contentType === undefined) {
    return [{ path: "contentType", message: "payloadBase64 needs a contentType" }];
  }
  return raw === null || contentType === undefined ? [] : rawJsonIssues(raw, contentType);
}

/**
 * Bytes that call themselves JSON are held to the bounds of `payload`: receivers parse them as they parse that. Those
 * that are no JSON after all are between publisher and receiver.
 */
function rawJsonIssues(raw: Buffer, contentType: string): InputIssue[] {
  if (!ANY_JSON_TYPE.test(contentType)) return [];
  const problem = jsonProblem(parseJson(raw));
  if (problem === null) return [];
  const place = z.core.toDotPath(problem.path).slice(0, PLACE_CHARS_MAX);
  const at = place === "" ? "" : `, at ${place}`;
  return [{ path: "payloadBase64", message: `as JSON${at}: ${problem.message}` }];
}

function deliverAtIssues(deliverAt: Date | null, nowMs: number): InputIssue[] {
  if (deliverAt === null) return [];
  const path = "deliverAt";
  const aheadMs = deliverAt.getTime() - nowMs;
  if (aheadMs <= 0) return [{ path, message: "must be in the future" }];
  if (aheadMs > LIMITS.deliverAheadMsMax) return [{ path, message: "must be at most 30 days ahead" }];
  return [];
}

async function endpointIssues(
  services: ApiServices,
  applicationId: string,
  endpointIds: readonly string[],
): Promise<InputIssue[]> {
  if (endpointIds.length === 0) return [];
  const known = new Set((await services.directory.of(applicationId)).map((endpoint) => endpoint.id));
  const issues: InputIssue[] = [];
  for (const [index, id] of endpointIds.entries()) {
    if (known.has(id)) continue;
    // The directory may be a second behind another process.
    const found = isId("endpoint", id) ? await services.stores.endpoints.find(applicationId, id) : null;
    if (found === null) issues.push({ path: `endpointIds[${index}]`, message: "there is no such endpoint" });
  }
  return issues;
}
