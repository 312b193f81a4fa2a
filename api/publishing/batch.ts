/** Many events in one request, each with an answer of its own. */
import { isPosthornError } from "../../core/errors.js";
import type { ErrorCode } from "../../core/errors.js";
import type { ApiContext } from "../context.js";
import type { ApiServices } from "../deps.js";
import { errorAnswer } from "../error-answer.js";
import { logUnexpected } from "../rest/failure.js";
import { parseInput } from "../input-issues.js";
import { publishItem } from "../schemas/publish.js";
import type { PublishBatchResult } from "../schemas/publish.js";
import { acceptEvent } from "./accept.js";
import { newEvent } from "./new-event.js";

/** The same request may succeed a little later. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["store_unavailable", "overloaded"]);

/**
 * Accepts what can be accepted; the store groups the inserts. A malformed event refuses nothing but itself.
 *
 * @throws `store_unavailable` or `overloaded` if that is all that came of it: then the request is simply to be repeated
 */
export async function acceptBatch(
  { services, requestId }: Pick<ApiContext, "services" | "requestId">,
  applicationId: string,
  items: readonly unknown[],
): Promise<PublishBatchResult[]> {
  const settled = await Promise.allSettled(items.map((item) => acceptItem(services, applicationId, item)));
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const passing = failures.filter((error) => isPosthornError(error) && PASSING.has(error.code));
  if (passing.length > 0 && failures.length === settled.length) throw passing[0];
  return settled.map((one) => (one.status === "fulfilled" ? one.value : refused({ services, requestId }, one.reason)));
}

async function acceptItem(services: ApiServices, applicationId: string, item: unknown): Promise<PublishBatchResult> {
  const parsed = parseInput(publishItem, item);
  const event = await newEvent(services, applicationId, parsed);
  return { status: "accepted", ...(await acceptEvent(services, event)) };
}

function refused(
  { services, requestId }: Pick<ApiContext, "services" | "requestId">,
  error: unknown,
): PublishBatchResult {
  logUnexpected(error, requestId, services.log);
  const { code, message, issues } = errorAnswer(error, requestId).body;
  return { status: "error", code, message, issues };
}
