/** Many events in one request, each with an answer of its own. */
import { isPosthornError } from "../../core/errors.js";
import type { ApiServices } from "../deps.js";
import { errorAnswer } from "../error-answer.js";
import { currentRequestId } from "../request-id.js";
import { logUnexpected } from "../rest/failure.js";
import { parseInput } from "../input-issues.js";
import { publishItem } from "../schemas/publish.js";
import type { PublishBatchResult } from "../schemas/publish.js";
import { acceptEvent } from "./accept.js";
import { newEvent } from "./new-event.js";

/**
 * Accepts what can be accepted; the store groups the inserts. A malformed event refuses nothing but itself.
 *
 * @throws `store_unavailable` if that is all that came of it: then the request is simply to be repeated
 */
export async function acceptBatch(
  services: ApiServices,
  applicationId: string,
  items: readonly unknown[],
): Promise<PublishBatchResult[]> {
  const settled = await Promise.allSettled(items.map((item) => acceptItem(services, applicationId, item)));
  const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const unavailable = failures.filter((error) => isPosthornError(error) && error.code === "store_unavailable");
  if (unavailable.length > 0 && failures.length === settled.length) throw unavailable[0];
  return settled.map((one) => (one.status === "fulfilled" ? one.value : refused(services, one.reason)));
}

async function acceptItem(services: ApiServices, applicationId: string, item: unknown): Promise<PublishBatchResult> {
  const parsed = parseInput(publishItem, item);
  const event = await newEvent(services, applicationId, parsed);
  return { status: "accepted", ...(await acceptEvent(services, event)) };
}

function refused(services: ApiServices, error: unknown): PublishBatchResult {
  const requestId = currentRequestId();
  logUnexpected(error, requestId, services.log);
  const { code, message, issues } = errorAnswer(error, requestId).body;
  return { status: "error", code, message, issues };
}
