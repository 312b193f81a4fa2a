/** What the profile `metriport` has beyond other endpoints: messages with its envelope, and pings. */
import { PosthornError } from "../../core/errors.js";
import { applicationOf } from "../application-of.js";
import { findEndpoint } from "../endpoints/find.js";
import { invalidField } from "../input-issues.js";
import { publishMessage } from "../metriport/publish.js";
import { rest } from "../procedure-meta.js";
import { messagePublishAnswer, messagePublishInput, pingAnswer, pingInput } from "../schemas/metriport.js";
import { procedure, router } from "../trpc.js";

export const metriport = router({
  /**
   * Accepts a message: 202 means that it is on disk. It is stored as receivers get it, `meta` first. The same `messageId`
   * with the same content answers with the first message and `duplicate: true`, with other content with 409.
   */
  publish: procedure
    .meta(
      rest(
        {
          method: "POST",
          path: "/v1/metriport/messages",
          summary: "Publish a Metriport message",
          tags: ["metriport"],
          scope: "events:write",
        },
        202,
      ),
    )
    .input(messagePublishInput)
    .output(messagePublishAnswer)
    .mutation(async ({ ctx, input: { application, ...message } }) =>
      publishMessage(ctx.services, await applicationOf(ctx, application), message),
    ),

  /**
   * Pings an endpoint of the profile `metriport` and answers what came of it, after 2 s at most, or 4 s if a ping was on
   * its way. 400 for other profiles, 409 if it is disabled, 429 while 64 endpoints are being pinged.
   */
  ping: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/endpoints/{id}/ping",
        summary: "Ping a Metriport endpoint",
        tags: ["metriport"],
        scope: "endpoints:write",
      }),
    )
    .input(pingInput)
    .output(pingAnswer)
    .mutation(async ({ ctx, input }) => {
      const endpoint = await findEndpoint(ctx, input);
      if (endpoint.profile !== "metriport") {
        throw invalidField(["id"], `has the profile ${endpoint.profile}; only metriport knows pings`);
      }
      if (endpoint.status === "disabled") {
        throw new PosthornError("endpoint_inactive", "The endpoint is disabled; enable it, or set its URL, first.");
      }
      const asked = ctx.pings.ask(endpoint);
      if (asked === null) throw new PosthornError("overloaded", "Too many pings are on their way; try again in 2 s.");
      return asked;
    }),
});
