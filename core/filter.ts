/**
 * Who gets an event. The rule is Svix's: an endpoint without event types takes every type, one without channels takes
 * events with and without channels, one with channels takes only events that share one. Both conditions must hold.
 */

export interface FilterableEndpoint {
  readonly id: string;
  readonly status: "active" | "paused" | "disabled";
  /** Exact names or `prefix.*`; empty: all. */
  readonly eventTypes: readonly string[];
  /** Empty: all. */
  readonly channels: readonly string[];
  readonly pairedEvents: "both" | "group" | "granular";
}

export interface FilterableEvent {
  readonly eventType: string;
  readonly channels: readonly string[];
  /** What it is in a pair of events that tell the same. */
  readonly pairRole: "group" | "granular" | null;
  /** Set: these endpoints and no others, whatever their filters say. */
  readonly endpointIds: readonly string[] | null;
}

export type MatchReason = "matched" | "forced" | "not_named" | "disabled" | "event_type" | "channel" | "paired";

export interface Match {
  matched: boolean;
  reason: MatchReason;
  /** One sentence for people. */
  explanation: string;
}

/** Whether `pattern` (an exact name, or a prefix and a final `.*`) covers `eventType`. `a.*` covers `a.b` and `a.b.c`, not `a`. */
export function coversEventType(pattern: string, eventType: string): boolean {
  if (pattern === eventType) return true;
  return pattern.endsWith(".*") && eventType.startsWith(pattern.slice(0, -1)) && eventType.length > pattern.length - 1;
}

/** Whether the event goes to the endpoint, and why. A paused endpoint matches; its deliveries are held. */
export function matchEndpoint(endpoint: FilterableEndpoint, event: FilterableEvent): Match {
  if (event.endpointIds !== null) {
    return event.endpointIds.includes(endpoint.id)
      ? { matched: true, reason: "forced", explanation: "The event names this endpoint, its filters do not apply." }
      : { matched: false, reason: "not_named", explanation: "The event names other endpoints only." };
  }
  if (endpoint.status === "disabled") {
    return { matched: false, reason: "disabled", explanation: "The endpoint is disabled." };
  }
  if (endpoint.eventTypes.length > 0 && !endpoint.eventTypes.some((it) => coversEventType(it, event.eventType))) {
    return {
      matched: false,
      reason: "event_type",
      explanation: `The endpoint takes ${endpoint.eventTypes.join(", ")}; the event is ${event.eventType}.`,
    };
  }
  if (endpoint.channels.length > 0 && !endpoint.channels.some((it) => event.channels.includes(it))) {
    const has = event.channels.length === 0 ? "none" : event.channels.join(", ");
    return {
      matched: false,
      reason: "channel",
      explanation: `The endpoint listens to the channels ${endpoint.channels.join(", ")}; the event has ${has}.`,
    };
  }
  if (event.pairRole !== null && endpoint.pairedEvents !== "both" && endpoint.pairedEvents !== event.pairRole) {
    const other = event.pairRole === "group" ? "granular" : "group";
    return {
      matched: false,
      reason: "paired",
      explanation: `The endpoint takes the ${other} event of each pair; this is the ${event.pairRole} one.`,
    };
  }
  return { matched: true, reason: "matched", explanation: "Event type and channels match." };
}
