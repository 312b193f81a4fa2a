import { z } from "zod";
import { BREAKER, FAILING_AFTER } from "../../core/endpoint-health.js";
import { timeAnswer } from "./fields.js";

export const endpointHealthAnswer = z
  .object({
    state: z
      .enum(["healthy", "failing"])
      .describe(`\`failing\` after ${FAILING_AFTER} failures in a row, until a request succeeds.`),
    consecutiveFailures: z.number().describe("Attempts that failed since the last success."),
    failingSince: timeAnswer.nullable().describe("The first of them."),
    lastFailureAt: timeAnswer.nullable(),
    lastOutcome: z.string().nullable().describe("What the last of them came to."),
    restsUntil: timeAnswer
      .nullable()
      .describe(
        `Its circuit breaker is open: nothing is sent until then, and one request afterwards. It opens after ${BREAKER.transportFailures} failures without an HTTP answer, or when most of at least ${BREAKER.windowAttempts} requests in ${BREAKER.windowMs / 1000} s have failed. No attempts are used up.`,
      ),
  })
  .describe("What the last attempts say about the receiver; a second late at most.")
  .meta({ id: "EndpointHealth" });

export type EndpointHealthAnswer = z.infer<typeof endpointHealthAnswer>;
