/** What can be done with an endpoint besides reading and changing its fields. */
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import { answerEndpoint } from "../answers/endpoint.js";
import { changeEndpoint } from "../endpoints/change.js";
import { findEndpoint } from "../endpoints/find.js";
import { currentSecret, rotate, secretFrom } from "../endpoints/secrets.js";
import { moveEndpoint } from "../endpoints/status.js";
import type { StatusAction } from "../endpoints/status.js";
import { rest } from "../procedure-meta.js";
import { publishTestEvent } from "../publishing/test-event.js";
import {
  endpointAnswer,
  endpointReferenceInput,
  endpointTestInput,
  secretAnswer,
  secretRotateInput,
} from "../schemas/endpoint.js";
import { publishAnswer } from "../schemas/publish.js";
import { procedure } from "../trpc.js";

const tags = ["endpoints"];

function statusProcedure(action: StatusAction, summary: string) {
  return procedure
    .meta(rest({ method: "POST", path: `/v1/endpoints/{id}/${action}`, summary, tags, scope: "endpoints:write" }))
    .input(endpointReferenceInput)
    .output(endpointAnswer)
    .mutation(async ({ ctx, input }) =>
      answerEndpoint(await moveEndpoint(ctx.services, await findEndpoint(ctx, input), action)),
    );
}

export const endpointActions = {
  /** Holds deliveries until `resume`. */
  pause: statusProcedure("pause", "Pause an endpoint: deliveries are held"),
  /** Releases what a pause held. */
  resume: statusProcedure("resume", "Resume a paused endpoint and release what it held"),
  /** Ends `disable` or a 410, and releases what was held. */
  enable: statusProcedure("enable", "Enable a disabled endpoint and release what it held"),
  /** The endpoint matches no event until `enable`. */
  disable: statusProcedure("disable", "Disable an endpoint: it gets no new events"),

  /** The secret that receivers verify with. */
  secret: procedure
    .meta(
      rest({
        method: "GET",
        path: "/v1/endpoints/{id}/secret",
        summary: "Read the signing secret",
        tags,
        scope: "secrets:read",
        audit: true,
      }),
    )
    .input(endpointReferenceInput)
    .output(secretAnswer)
    .query(async ({ ctx, input }) => ({ key: currentSecret(await findEndpoint(ctx, input)).reveal() })),

  /** A new secret; the ones before go on signing for the grace period (24 h), 5 secrets at most. */
  rotateSecret: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/endpoints/{id}/secret/rotate",
        summary: "Rotate the signing secret",
        tags,
        scope: "endpoints:write",
      }),
    )
    .input(secretRotateInput)
    .output(secretAnswer)
    .mutation(async ({ ctx, input }) => {
      const endpoint = await findEndpoint(ctx, input);
      const { profile } = endpoint;
      const key = secretFrom(ctx.services.secrets, { imported: input.key, path: "key", profile });
      if (endpoint.secrets.some((secret) => secret.key.equals(key))) {
        throw new PosthornError("conflict", "This secret is one of the endpoint's already.");
      }
      const secrets = rotate(endpoint, key, {
        now: new Date(ctx.services.clock.now()),
        graceSeconds: input.gracePeriodSeconds ?? LIMITS.secretGraceSecondsDefault,
      });
      await changeEndpoint(ctx.services, endpoint, { secrets });
      return { key: key.reveal() };
    }),

  /** Sends a test event to exactly this endpoint, ignoring its filters; 409 if it is paused or disabled. */
  test: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/endpoints/{id}/test",
        summary: "Send a test event",
        tags,
        scope: "events:write",
      }),
    )
    .input(endpointTestInput)
    .output(publishAnswer)
    .mutation(async ({ ctx, input }) =>
      publishTestEvent(ctx.services, await findEndpoint(ctx, input), input.eventType),
    ),
};
