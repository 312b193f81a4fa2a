/** Pausing and disabling: what an endpoint may become, and what happens to what it held and to what failed. */
import { PosthornError } from "../../core/errors.js";
import type { Endpoint, EndpointStatus } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import { changeEndpoint } from "./change.js";
import { tryAnew } from "./try-anew.js";

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

/** What becomes of deliveries when an endpoint becomes active. */
export interface Recovery {
  /** What was held is sent now, or never. What waits for a retry goes on in either case. */
  held: "release" | "cancel";
  /** What failed stays so, or is sent again, together with what waits for a retry, oldest first. */
  failed: "leave" | "retry";
}

const RELEASE: Recovery = { held: "release", failed: "leave" };

/**
 * Moves the endpoint, tells operators of it, and, when it becomes active, starts what `recovery` says. Repeating an
 * action changes nothing but starts that again, so that one that failed to start is made up for.
 *
 * @throws `conflict` if the endpoint is in another state, `engine_unavailable` if the recovery could not be started
 */
export async function moveEndpoint(
  services: ApiServices,
  endpoint: Endpoint,
  action: StatusAction,
  recovery: Recovery = RELEASE,
): Promise<Endpoint> {
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
  if (recovery.failed === "retry") await tryAnew(services, moved);
  if (to === "active") await recover(services, endpoint, { recovery, reason: `endpoint ${action}d` });
  return moved;
}

/** Held ones first: a retry takes neither what is held nor what has just been released. */
async function recover(
  { engine, ids }: ApiServices,
  { id: endpointId }: Endpoint,
  { recovery, reason }: { recovery: Recovery; reason: string },
): Promise<void> {
  // Not the kind `cancel`: that would end what is published from now on as well.
  const kinds = [
    recovery.held === "release" ? ("release" as const) : ("cancel-held" as const),
    ...(recovery.failed === "retry" ? (["retry"] as const) : []),
  ];
  for (const kind of kinds) {
    await engine.startOperation({ operationId: ids.next("operation"), kind, endpointId, reason });
  }
}
