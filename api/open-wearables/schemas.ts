/**
 * Inputs and answers of Open Wearables' webhook routes. Unknown fields are ignored, as that service does; everything
 * else is checked again by our own procedures.
 */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import type { EndpointAnswer } from "../schemas/endpoint.js";
import { eventTypeName } from "../schemas/fields.js";

const CHANNEL_PREFIX = "user.";

export const endpointInput = z.object({
  url: z.string().max(LIMITS.urlCharsMax),
  description: z.string().max(LIMITS.descriptionCharsMax).nullish(),
  filter_types: z.array(eventTypeName).max(LIMITS.eventTypesPerEndpointMax).nullish(),
  user_id: z.guid().nullish(),
});

export const testInput = z.object({ event_type: eventTypeName.nullish() });

export interface OpenWearablesEndpoint {
  id: string;
  url: string;
  description: string;
  filter_types: string[] | null;
  user_id: string | null;
}

/** The channel that carries one user's events. */
export function userChannel(userId: string): string {
  return CHANNEL_PREFIX + userId;
}

export function answerEndpoint(endpoint: EndpointAnswer): OpenWearablesEndpoint {
  const channel = endpoint.channels.find((it) => it.startsWith(CHANNEL_PREFIX));
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    filter_types: endpoint.eventTypes.length === 0 ? null : endpoint.eventTypes,
    user_id: channel === undefined ? null : channel.slice(CHANNEL_PREFIX.length),
  };
}
