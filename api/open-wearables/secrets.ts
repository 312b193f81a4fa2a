/** Signing secrets. Rotating them is not part of the original. */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { given } from "../given.js";
import { shownEndpoint } from "./endpoint-shape.js";
import { ok } from "./route.js";
import type { Call, Reply, Route } from "./route.js";

const rotation = z.object({
  key: z.string().min(1).max(256).nullish(),
  grace_period_seconds: z.int().min(0).max(LIMITS.secretGraceSecondsMax).nullish(),
});

export const secretRoutes: readonly Route[] = [
  { method: "get", path: "/webhooks/endpoints/:id/secret", handle: read },
  {
    method: "post",
    path: "/webhooks/endpoints/:id/secret/rotate",
    scopes: ["endpoints:read", "endpoints:write"],
    handle: rotate,
  },
];

async function read({ api, part }: Call): Promise<Reply> {
  const { id } = await shownEndpoint(api, part("id"));
  return ok(await api.endpoints.secret({ id }));
}

async function rotate({ api, part, body }: Call): Promise<Reply> {
  const input = await body(rotation);
  const { id } = await shownEndpoint(api, part("id"));
  const fields = given({
    key: input.key ?? undefined,
    gracePeriodSeconds: input.grace_period_seconds ?? undefined,
  });
  return ok(await api.endpoints.rotateSecret({ id, ...fields }));
}
