/** What can be done with an endpoint besides reading and changing its fields. */
import { PosthornError } from "../../core/errors.js";
import { LIMITS } from "../../core/limits.js";
import { answerEndpoint } from "../answers/endpoint.js";
import type { CallerContext } from "../context.js";
import { changeEndpoint } from "../endpoints/change.js";
import { findEndpoint } from "../endpoints/find.js";
import { currentSecret, rotate, secretFrom } from "../endpoints/secrets.js";
import { countRecoverable } from "../endpoints/recoverable.js";
import { moveEndpoint } from "../endpoints/status.js";
import type { Recovery, StatusAction } from "../endpoints/status.js";
import { rest } from "../procedure-meta.js";
import { publishTestEvent } from "../publishing/test-event.js";
import {
  endpointAnswer,
  endpointReferenceInput,
  endpointTestInput,
  secretAnswer,
  secretRotateInput,
} from "../schemas/endpoint.js";
import { endpointEnableInput, endpointWithDeliveriesAnswer } from "../schemas/endpoint-recovery.js";
import { publishAnswer } from "../schemas/publish.js";
import { procedure } from "../trpc.js";
import { endpointPublicKeys } from "./endpoint-public-keys.js";

const tags = ["endpoints"];

function statusMeta(action: StatusAction, summary: string) {
  return rest({ method: "POST", path: `/v1/endpoints/{id}/${action}`, summary, tags, scope: "endpoints:write" });
}

function statusProcedure(action: "pause" | "resume", summary: string) {
  return procedure
    .meta(statusMeta(action, summary))
    .input(endpointReferenceInput)
    .output(endpointAnswer)
    .mutation(async ({ ctx, input }) =>
      answerEndpoint(await moveEndpoint(ctx.services, await findEndpoint(ctx, input), action)),
    );
}

/** Counted first: what is released is soon no longer held. */
async function move(
  context: CallerContext,
  input: { application?: string | undefined; id: string },
  { action, recovery }: { action: "enable" | "disable"; recovery?: Recovery },
) {
  const endpoint = await findEndpoint(context, input);
  const deliveries = await countRecoverable(context.services, endpoint.id);
  const moved = await moveEndpoint(context.services, endpoint, action, recovery);
  return { ...answerEndpoint(moved), deliveries };
}

export const endpointActions = {
  /** Holds deliveries until `resume`. */
  pause: statusProcedure("pause", "Pause an endpoint: deliveries are held"),
  /** Releases what a pause held. */
  resume: statusProcedure("resume", "Resume a paused endpoint and release what it held"),
  /**
   * Ends `disable`, a 410 or a disabling after days of failures. `held`: what was held is released (default) or
   * cancelled; `failed: "retry"` sends again what failed, whenever that was, oldest first. Answers how many deliveries
   * were held and had failed.
   */
  enable: procedure
    .meta(statusMeta("enable", "Enable a disabled endpoint, and release or cancel what it held"))
    .input(endpointEnableInput)
    .output(endpointWithDeliveriesAnswer)
    .mutation(({ ctx, input: { held, failed, ...named } }) =>
      move(ctx, named, { action: "enable", recovery: { held, failed } }),
    ),

  /** The endpoint matches no event until `enable`. Answers how many deliveries were held and had failed. */
  disable: procedure
    .meta(statusMeta("disable", "Disable an endpoint: it gets no new events"))
    .input(endpointReferenceInput)
    .output(endpointWithDeliveriesAnswer)
    .mutation(({ ctx, input }) => move(ctx, input, { action: "disable" })),

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

  ...endpointPublicKeys,

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
