/** Messages: what is an event here. */
import { z } from "zod";
import type { JsonObject } from "../../core/json.js";
import { answerEventSummary } from "../answers/event.js";
import { applicationOf } from "../application-of.js";
import type { EventAnswer, EventSummaryAnswer } from "../schemas/event.js";
import { pageOf, pageQuery, pageRequest, windowOf } from "./page.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

export interface OpenWearablesMessage {
  id: string;
  eventType: string;
  eventId: string | null;
  timestamp: string;
  channels: string[] | null;
  tags: null;
  payload: JsonObject | null;
}

type Described = Pick<EventAnswer & EventSummaryAnswer, "id" | "eventType" | "eventId" | "createdAt" | "channels">;

export const messageRoutes: readonly Route[] = [
  { method: "get", path: "/webhooks/messages", scopes: ["events:read"], handle: list },
];

const listQuery = z.object(pageQuery("event"));

export function answerMessage(event: Described, payload: JsonObject | null): OpenWearablesMessage {
  return {
    id: event.id,
    eventType: event.eventType,
    eventId: event.eventId,
    timestamp: event.createdAt,
    channels: event.channels.length === 0 ? null : event.channels,
    tags: null,
    payload,
  };
}

/** Without payloads. */
async function list({ context, query }: Call): Promise<Reply> {
  const question = query(listQuery);
  const page = pageRequest(question);
  const filter = { eventType: null, channel: null, text: null, ...windowOf(question) };
  const applicationId = await applicationOf(context, undefined);
  const { rows, next } = await context.services.stores.events.list(applicationId, filter, page);
  const messages = rows.map((row) => answerMessage(answerEventSummary(row), null));
  return ok(pageOf(messages, page, next !== null));
}
