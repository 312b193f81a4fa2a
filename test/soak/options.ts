/** What a soak is asked for on its command line. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { HOSTILE_KINDS } from "./hostile-kinds.js";

const argumentsSchema = z.strictObject({
  minutes: z.coerce
    .number()
    .min(0.1)
    .max(24 * 60)
    .default(10),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(20_261_122),
  rate: z.coerce.number().min(1).max(2_000).default(50),
  receivers: z.coerce.number().int().min(1).max(HOSTILE_KINDS.length).default(HOSTILE_KINDS.length),
  twins: z.boolean().default(false),
  out: z.string().min(1).optional(),
});

export interface SoakOptions {
  /** Phase B, with hostile receivers. A before and C after it take half as long each. */
  hostileMs: number;
  seed: number;
  /** Events per second to the healthy receivers, and as many to the hostile ones. */
  rate: number;
  /** Healthy ones, and as many hostile ones: the first of `HOSTILE_KINDS`. */
  receivers: number;
  /**
   * In A and C as many further receivers, all healthy, get what the hostile ones get in B: the number of events is the
   * same in all phases, and only what the receivers do differs.
   */
  twins: boolean;
  /** Load before anything is measured. */
  warmUpMs: number;
  /** Of requests to hostile receivers; `null`: what Posthorn takes by itself. */
  hostileTimeoutMs: number | null;
  /** Without load: by then sockets and timers must be back where they were. */
  coolDownMs: number;
  /** Between two looks at the process. */
  sampleMs: number;
}

const COOL_DOWN_MS = 60_000;
const SAMPLE_MS = 5_000;
const WARM_UP_MS_MAX = 60_000;

const USAGE = `npm run soak -- [options]
  --minutes N    length of the phase with hostile receivers (10); half of it without them comes before and after
  --rate N       events per second to the healthy receivers, and as many to the hostile ones (50)
  --receivers N  healthy receivers, and as many hostile ones (${HOSTILE_KINDS.length}: one of each kind)
  --twins        in the phases without hostile receivers, send their events to further healthy ones
  --seed N       of the times between events (20261122)
  --out FILE     write everything that was measured as JSON`;

export type ReadOptions = { ok: true; options: SoakOptions; out: string | null } | { ok: false; message: string };

export function readOptions(args: readonly string[]): ReadOptions {
  const parsed = argumentsSchema.safeParse(valuesOf(args));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((it) => `--${it.path.join(".")}: ${it.message}`);
    return { ok: false, message: `${problems.join("\n")}\n\n${USAGE}` };
  }
  const { minutes, out, ...rest } = parsed.data;
  const hostileMs = minutes * 60_000;
  return {
    ok: true,
    out: out ?? null,
    options: {
      ...rest,
      hostileMs,
      hostileTimeoutMs: null,
      warmUpMs: Math.min(WARM_UP_MS_MAX, hostileMs / 3),
      coolDownMs: COOL_DOWN_MS,
      sampleMs: SAMPLE_MS,
    },
  };
}

/** Not strict: an unknown name is the schema's to refuse, together with everything else. */
function valuesOf(args: readonly string[]): Record<string, unknown> {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      minutes: { type: "string" },
      rate: { type: "string" },
      receivers: { type: "string" },
      twins: { type: "boolean" },
      seed: { type: "string" },
      out: { type: "string" },
    },
  });
  return { ...values, ...(positionals.length === 0 ? {} : { [positionals.join(" ")]: true }) };
}
