/** What the process of the receivers and the soak tell each other. */
import { z } from "zod";

/** Number of the event, index of the receiver, monotonic time of the last byte in ms. */
const arrival = z.tuple([z.int(), z.int(), z.number()]);
export type Arrival = z.infer<typeof arrival>;

export const reportSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("listening"),
    healthy: z.array(z.string()),
    hostile: z.array(z.object({ name: z.string(), url: z.string() })),
  }),
  z.object({ kind: z.literal("arrivals"), arrivals: z.array(arrival) }),
  /** Connections that each hostile receiver has accepted so far, by name. */
  z.object({ kind: z.literal("connections"), byName: z.record(z.string(), z.int()) }),
]);
export type Report = z.infer<typeof reportSchema>;

export const orderSchema = z.object({ healthy: z.int(), hostile: z.int() });
export type Order = z.infer<typeof orderSchema>;

export const payloadSchema = z.looseObject({ n: z.int() });

/** Milliseconds that go on evenly, and are the same for all processes of this machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
