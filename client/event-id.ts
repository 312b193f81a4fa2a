/**
 * The input with an `eventId` for every event to publish, so that repeating the call publishes nothing twice. Those that
 * the caller gave stay; inputs of other procedures are left as they are.
 */
export function withEventIds(path: string, input: unknown): unknown {
  if (!isRecord(input)) return input;
  if (path === "events.publish") return identified(input);
  if (path === "events.publishBatch" && Array.isArray(input.events)) {
    return { ...input, events: input.events.map((event: unknown) => (isRecord(event) ? identified(event) : event)) };
  }
  return input;
}

function identified(event: Record<string, unknown>): Record<string, unknown> {
  return event.eventId === undefined ? { ...event, eventId: crypto.randomUUID() } : event;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
