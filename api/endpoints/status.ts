/** Pausing and disabling: what an endpoint may become, and what happens to what it held. */
import { PosthornError } from "../../core/errors.js";
import type { Endpoint, EndpointStatus } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import { changeEndpoint } from "./change.js";

export type StatusAction = "pause" | "resume" | "enable" | "disable";

interface Transition {
  from: readonly EndpointStatus[];
  to: EndpointStatus;
  remedy: string;
}

const TRANSITIONS: Readonly<Record<StatusAction, Transition>> = {
  pause: { from: ["active"], to: "paused", remedy: "a disabled endpoint gets nothing anyway" },
  resume: { from: ["paused"], to: "active", remedy: "enable it" },
  enable: { from: ["disabled"], to: "active", remedy: "resume it" },
  disable: { from: ["active", "paused"], to: "disabled", remedy: "it is disabled" },
};

/**
 * Moves the endpoint and, when it becomes active, starts the release of what it held. Repeating an action changes
 * nothing but starts a release again, so that one that failed to start is made up for.
 *
 * @throws `conflict` if the endpoint is in another state, `engine_unavailable` if the release could not be started
 */
export async function moveEndpoint(services: ApiServices, endpoint: Endpoint, action: StatusAction): Promise<Endpoint> {
  const { from, to, remedy } = TRANSITIONS[action];
  if (endpoint.status !== to && !from.includes(endpoint.status)) {
    throw new PosthornError("conflict", `The endpoint is ${endpoint.status}: ${remedy}.`);
  }
  if (to === "active" && endpoint.statusReason === "cleared") {
    throw new PosthornError("conflict", "The endpoint has no URL and no key: POST /settings sets both.");
  }
  const moved =
    endpoint.status === to
      ? endpoint
      : await changeEndpoint(services, endpoint, { status: to, statusReason: to === "active" ? null : "manual" });
  if (to === "active") {
    await services.engine.startOperation({
      operationId: services.ids.next("operation"),
      kind: "release",
      endpointId: endpoint.id,
      reason: `endpoint ${action}d`,
    });
  }
  return moved;
}
