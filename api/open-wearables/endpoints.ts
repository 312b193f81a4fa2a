/** Registering, reading, changing and removing endpoints. */
import { LIMITS } from "../../core/limits.js";
import { given } from "../given.js";
import type { EndpointAnswer } from "../schemas/endpoint.js";
import { endpointChange, endpointInput } from "./endpoint-input.js";
import { answerEndpoint, isShown, scopedTo, shownEndpoint } from "./endpoint-shape.js";
import { requireKnownTypes } from "./known-event-types.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

export const endpointRoutes: readonly Route[] = [
  { method: "get", path: "/webhooks/endpoints", handle: list },
  { method: "post", path: "/webhooks/endpoints", scopes: ["endpoints:write"], handle: create },
  { method: "get", path: "/webhooks/endpoints/:id", handle: get },
  { method: "patch", path: "/webhooks/endpoints/:id", scopes: ["endpoints:read", "endpoints:write"], handle: change },
  { method: "delete", path: "/webhooks/endpoints/:id", handle: remove },
];

async function create({ api, context, body }: Call): Promise<Reply> {
  const input = await body(endpointInput);
  const eventTypes = input.filter_types ?? [];
  await requireKnownTypes(context, "filter_types", eventTypes);
  const endpoint = await api.endpoints.create({
    url: input.url,
    description: input.description ?? "",
    eventTypes,
    channels: scopedTo(input.user_id ?? null),
    profile: "svix",
  });
  return { status: 201, body: answerEndpoint(endpoint) };
}

/** All of them at once, newest first: there are no pages. */
async function list({ api }: Call): Promise<Reply> {
  const all: EndpointAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.endpoints.list({ limit: LIMITS.pageSizeMax, cursor });
    all.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && all.length < LIMITS.endpointsPerApplicationMax);
  return ok(all.filter(isShown).map(answerEndpoint));
}

async function get({ api, part }: Call): Promise<Reply> {
  return ok(answerEndpoint(await shownEndpoint(api, part("id"))));
}

async function change({ api, context, part, body }: Call): Promise<Reply> {
  const input = await body(endpointChange);
  const { id, eventTypes, channels } = await shownEndpoint(api, part("id"));
  await requireKnownTypes(context, "filter_types", input.filter_types ?? [], eventTypes);
  const fields = given({
    url: input.url ?? undefined,
    description: input.description ?? undefined,
    eventTypes: input.filter_types ?? undefined,
    channels: input.user_id === undefined ? undefined : scopedTo(input.user_id, channels),
  });
  return ok(answerEndpoint(await api.endpoints.update({ id, ...fields })));
}

async function remove({ api, part }: Call): Promise<Reply> {
  const { id } = await shownEndpoint(api, part("id"));
  await api.endpoints.delete({ id });
  return { status: 204 };
}
