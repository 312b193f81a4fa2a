/** What the load process is asked for and what it answers. */
import { z } from "zod";

/**
 * How one product takes events, as data, so that the load process needs to know none of them. The body of a request is
 * `open`, the events separated by commas, and `close`; an event is `before`, ten digits that no other event has, `after`.
 */
export const publishPlan = z.object({
  /** Takes a POST. */
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  open: z.string(),
  before: z.string(),
  after: z.string(),
  close: z.string(),
  eventsPerRequest: z.number().int().min(1),
  /** Where an answer names the events: `list` is the field with one entry for each, `null` for a lone event at the top. `null`: nowhere. */
  ids: z.object({ list: z.string().nullable(), id: z.string() }).nullable(),
});
export type PublishPlan = z.infer<typeof publishPlan>;

const common = { plans: z.array(publishPlan).min(1) };

export const loadJob = z.discriminatedUnion("kind", [
  /** `concurrency` requests at a time, the next as soon as one is answered. The plans take turns. */
  z.object({
    kind: z.literal("closed"),
    ...common,
    requests: z.number().int().min(1),
    concurrency: z.number().int().min(1).max(4_096),
  }),
  /** A request every `1 / ratePerSecond`, whether or not others are answered; times count from when it was to begin. */
  z.object({
    kind: z.literal("open"),
    ...common,
    ratePerSecond: z.number().min(0.1).max(100_000),
    seconds: z.number().min(0.1).max(3_600),
  }),
]);
export type LoadJob = z.infer<typeof loadJob>;

/** One entry for each request, in the order they began. Times in ms of `nowMs`. */
export const loadReport = z.object({
  startedAtMs: z.instanceof(Float64Array),
  /** How long after that it really began: of an open loop, for want of processor time for the load process. */
  lateMs: z.instanceof(Float64Array),
  /** `NaN`: it was not accepted. */
  acceptedAtMs: z.instanceof(Float64Array),
  /** Index of the plan that a request was made by. */
  plans: z.instanceof(Uint16Array),
  /** Ids of the accepted events of each request. */
  ids: z.array(z.array(z.string())),
  /** Requests and events that were not accepted, by reason. */
  refusals: z.record(z.string(), z.number()),
});
export type LoadReport = z.infer<typeof loadReport>;
