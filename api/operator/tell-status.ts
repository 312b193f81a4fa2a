import type { Endpoint } from "../../core/model.js";
import type { OperationalEvent } from "../../core/operational-events.js";
import type { ApiServices } from "../deps.js";

/**
 * Tells operators that a caller has disabled or enabled an endpoint; of a pause, a resume or a repeat that changed
 * nothing there is nothing to tell. Never rejects: the change is made, and a caller that was told of a failure would
 * repeat it.
 */
export async function tellStatus(services: ApiServices, before: Endpoint, after: Endpoint): Promise<void> {
  const event = eventOf(before, after);
  if (event === null) return;
  try {
    await services.operational.tell(event);
  } catch (error) {
    const { type, applicationId, endpointId } = event;
    const fields = { event: "operational.not_told", eventType: type, applicationId, endpointId };
    services.log.error(fields, "operators were not told of a change", error);
  }
}

function eventOf(before: Endpoint, after: Endpoint): OperationalEvent | null {
  const { id: endpointId, applicationId, updatedAt: at } = after;
  // Ascends with each change by a caller, and never meets the small numbers of changes that attempts make.
  const about = { applicationId, endpointId, at, revision: at.getTime() };
  const was = before.status === "disabled";
  const is = after.status === "disabled";
  if (is && !was) return { ...about, type: "endpoint.disabled", reason: after.statusReason ?? "manual" };
  if (was && after.status === "active") return { ...about, type: "endpoint.enabled" };
  return null;
}
