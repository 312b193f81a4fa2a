/** The event that shows whether an endpoint works: a new one with every request, for this endpoint alone. */
import { z } from "zod";
import { coversEventType } from "../../core/filter.js";
import { LIMITS } from "../../core/limits.js";
import { shownEndpoint } from "./endpoint-shape.js";
import { requireKnownTypes } from "./known-event-types.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

/** What its users see in their first test. */
const DEFAULT_TYPE = "workout.created";

const testInput = z.object({ event_type: z.string().min(1).max(LIMITS.eventTypeCharsMax).nullish() });

export const testRoute: Route = {
  method: "post",
  path: "/webhooks/endpoints/:id/test",
  scopes: ["endpoints:read", "events:write"],
  handle: send,
};

async function send({ api, context, part, body }: Call): Promise<Reply> {
  const { event_type: asked } = await body(testInput);
  const { id, eventTypes } = await shownEndpoint(api, part("id"));
  const ownTypes = eventTypes.filter((filter) => !filter.endsWith(".*"));
  if (typeof asked === "string") await requireKnownTypes(context, "event_type", [asked], ownTypes);
  const eventType = asked ?? DEFAULT_TYPE;
  const isTaken = eventTypes.length === 0 || eventTypes.some((filter) => coversEventType(filter, eventType));
  // As there: a type that the endpoint does not take gives way to the first that it takes.
  const published = await api.endpoints.test({ id, ...(isTaken && { eventType }) });
  return ok({ message: "Test event sent successfully.", message_id: published.id });
}
