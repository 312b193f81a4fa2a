/** The delivery log of an endpoint. */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { applicationOf } from "../application-of.js";
import { eventTypeName, queryInteger } from "../schemas/fields.js";
import { withMessages } from "./attempt-messages.js";
import { STATUS } from "./attempt-shape.js";
import { shownEndpoint } from "./endpoint-shape.js";
import { lastValue, pageOf, pageQuery, pageRequest, windowOf } from "./page.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

export const attemptRoutes: readonly Route[] = [
  // Attempts carry their messages, payloads included.
  {
    method: "get",
    path: "/webhooks/endpoints/:id/attempts",
    scopes: ["deliveries:read", "events:read"],
    handle: list,
  },
];

const listQuery = z.object({
  ...pageQuery("attempt"),
  status: lastValue(queryInteger(0, 3).optional()),
  event_types: z.array(eventTypeName).max(LIMITS.eventTypesPerEndpointMax).optional(),
});

async function list({ api, context, part, query }: Call): Promise<Reply> {
  const question = query(listQuery);
  const { status } = question;
  const page = pageRequest(question);
  const endpoint = await shownEndpoint(api, part("id"));
  // What is on its way has no record yet.
  if (status === STATUS.pending || status === STATUS.sending) return ok(pageOf([], page, false));
  const filter = {
    endpointId: endpoint.id,
    eventId: null,
    deliveryId: null,
    outcome: null,
    succeeded: status === undefined ? null : status === STATUS.success,
    eventTypes: question.event_types ?? null,
    ...windowOf(question),
  };
  const { stores } = context.services;
  const { rows, next } = await stores.attempts.list(await applicationOf(context, undefined), filter, page);
  const shown = await withMessages(stores.events, rows);
  return ok(pageOf(shown, page, next !== null || shown.length < rows.length));
}
