/** Accepted events against what came: which are missing, which came twice, and how long each took. */
import type { LoadReport } from "../load/job.js";

/** Where the events of one plan must arrive. */
export interface Lane {
  paths: readonly string[];
  /** `false`: the receiver is made to fail; what does not come there is not missing. */
  mustArrive: boolean;
}

export interface Tally {
  /** Deliveries that had to come. */
  expected: number;
  missing: number;
  /** Requests answered with success beyond the first for the same id and path. */
  duplicates: number;
}

export interface Matched {
  expected: number;
  missing: number;
  /** From the beginning of the publish request to the arrival, in ms, by lane. */
  latenciesMs: number[][];
  /** Of the last delivery that had to come; `NaN` if none came. */
  lastArrivalMs: number;
}

/** `lanes` by the index of their plan; `arrivals` by path and id. */
export function matchArrivals(
  report: LoadReport,
  lanes: readonly Lane[],
  arrivals: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Matched {
  const matched: Matched = { expected: 0, missing: 0, latenciesMs: lanes.map(() => []), lastArrivalMs: Number.NaN };
  report.ids.forEach((ids, request) => {
    const plan = report.plans[request] ?? 0;
    const lane = lanes[plan];
    if (lane === undefined) return;
    const startedAtMs = report.startedAtMs[request] ?? Number.NaN;
    for (const path of lane.paths) {
      const came = arrivals.get(path);
      for (const id of ids) note(matched, { plan, startedAtMs, atMs: came?.get(id), mustArrive: lane.mustArrive });
    }
  });
  return matched;
}

interface Expected {
  plan: number;
  startedAtMs: number;
  atMs: number | undefined;
  mustArrive: boolean;
}

function note(matched: Matched, { plan, startedAtMs, atMs, mustArrive }: Expected): void {
  if (mustArrive) matched.expected += 1;
  if (atMs === undefined) {
    if (mustArrive) matched.missing += 1;
    return;
  }
  matched.latenciesMs[plan]?.push(atMs - startedAtMs);
  if (mustArrive && !(matched.lastArrivalMs >= atMs)) matched.lastArrivalMs = atMs;
}
