/** Stopping an endpoint and starting it again, which the original's users cannot do themselves. */
import type { EndpointAnswer } from "../schemas/endpoint.js";
import { answerEndpoint, shownEndpoint } from "./endpoint-shape.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

export const statusRoutes: readonly Route[] = [
  { method: "post", path: "/webhooks/endpoints/:id/enable", handle: enable },
  { method: "post", path: "/webhooks/endpoints/:id/disable", handle: disable },
];

/** This API has one word for "send again", so it also ends a pause. */
async function enable({ api, part }: Call): Promise<Reply> {
  const { id, status } = await shownEndpoint(api, part("id"));
  return answer(status === "paused" ? await api.endpoints.resume({ id }) : await api.endpoints.enable({ id }));
}

async function disable({ api, part }: Call): Promise<Reply> {
  const { id } = await shownEndpoint(api, part("id"));
  return answer(await api.endpoints.disable({ id }));
}

function answer(endpoint: EndpointAnswer): Reply {
  return ok({ ...answerEndpoint(endpoint), disabled: endpoint.status === "disabled" });
}
