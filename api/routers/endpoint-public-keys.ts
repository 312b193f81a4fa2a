/** Public keys of endpoints that sign with ed25519: anybody may know them. */
import { LIMITS } from "../../core/limits.js";
import { answerPublicKeys } from "../answers/signatures.js";
import { changeEndpoint } from "../endpoints/change.js";
import { findEndpoint } from "../endpoints/find.js";
import { checkHasKeyPair, rotateKeyPair } from "../endpoints/key-pairs.js";
import { rest } from "../procedure-meta.js";
import { endpointReferenceInput } from "../schemas/endpoint.js";
import { publicKeyRotateInput, publicKeysAnswer } from "../schemas/signatures.js";
import { procedure } from "../trpc.js";

const tags = ["endpoints"];

export const endpointPublicKeys = {
  /** What receivers verify `v1a` signatures with; 409 if the endpoint signs without `v1a`. */
  publicKey: procedure
    .meta(
      rest({
        method: "GET",
        path: "/v1/endpoints/{id}/public-key",
        summary: "Read the public keys",
        tags,
        scope: "endpoints:read",
      }),
    )
    .input(endpointReferenceInput)
    .output(publicKeysAnswer)
    .query(async ({ ctx, input }) => {
      const endpoint = await findEndpoint(ctx, input);
      checkHasKeyPair(endpoint);
      return answerPublicKeys(endpoint, ctx.services.secrets, new Date(ctx.services.clock.now()));
    }),

  /** A new key pair; the ones before go on signing for the grace period (24 h), 5 pairs at most. */
  rotatePublicKey: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/endpoints/{id}/public-key/rotate",
        summary: "Rotate the key pair",
        tags,
        scope: "endpoints:write",
      }),
    )
    .input(publicKeyRotateInput)
    .output(publicKeysAnswer)
    .mutation(async ({ ctx, input }) => {
      const endpoint = await findEndpoint(ctx, input);
      const now = new Date(ctx.services.clock.now());
      const graceSeconds = input.gracePeriodSeconds ?? LIMITS.secretGraceSecondsDefault;
      const asymmetricKeys = rotateKeyPair(ctx.services, endpoint, { now, graceSeconds });
      // First, because it fails where an old key cannot be read: then nothing has changed.
      const answer = answerPublicKeys({ asymmetricKeys }, ctx.services.secrets, now);
      await changeEndpoint(ctx.services, endpoint, { asymmetricKeys });
      return answer;
    }),
};
