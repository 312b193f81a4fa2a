/** Endpoints as Open Wearables shows them. */
import type { ApiCaller } from "../caller.js";
import { notFound } from "../not-found.js";
import type { EndpointAnswer } from "../schemas/endpoint.js";
import { isUserChannel, USER_CHANNEL, userChannel } from "../user-channel.js";

/** No id, uid or event id is longer. */
export const REFERENCE_CHARS_MAX = 256;

export interface OpenWearablesEndpoint {
  id: string;
  url: string;
  description: string;
  /** `null`: every type. */
  filter_types: string[] | null;
  /** `null`: every user. */
  user_id: string | null;
}

export function answerEndpoint(endpoint: EndpointAnswer): OpenWearablesEndpoint {
  const channel = endpoint.channels.find(isUserChannel);
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    filter_types: endpoint.eventTypes.length === 0 ? null : endpoint.eventTypes,
    user_id: channel === undefined ? null : channel.slice(USER_CHANNEL.length),
  };
}

/** Channels that name this user, or none; channels of other kinds stay. */
export function scopedTo(userId: string | null, channels: readonly string[] = []): string[] {
  const others = channels.filter((channel) => !isUserChannel(channel));
  return userId === null ? others : [...others, userChannel(userId)];
}

/** Whether these routes know the endpoint: what Metriport's consumers get is no business of this API. */
export function isShown({ profile }: Pick<EndpointAnswer, "profile">): boolean {
  return profile !== "metriport";
}

/** @throws `not_found`, also for endpoints that are not shown here */
export async function shownEndpoint(api: ApiCaller, id: string): Promise<EndpointAnswer> {
  if (id.length > REFERENCE_CHARS_MAX) throw notFound("endpoint", `${id.slice(0, REFERENCE_CHARS_MAX)}…`);
  const endpoint = await api.endpoints.get({ id });
  if (!isShown(endpoint)) throw notFound("endpoint", id);
  return endpoint;
}
