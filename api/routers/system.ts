/** About this installation. */
import { z } from "zod";
import { rest } from "../procedure-meta.js";
import { procedure, router } from "../trpc.js";

export const system = router({
  /** The running version, for clients that want to warn about a mismatch. */
  version: procedure
    .meta(rest({ method: "GET", path: "/v1/version", summary: "Running version", tags: ["system"], scope: "any" }))
    .input(z.strictObject({}).optional())
    .output(z.object({ version: z.string() }))
    .query(({ ctx }) => ({ version: ctx.version })),
});
