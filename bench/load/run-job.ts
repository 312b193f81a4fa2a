/** The two kinds of load. */
import { Agent } from "undici";
import { nowMs } from "../clock.js";
import type { LoadJob, LoadReport, PublishPlan } from "./job.js";
import { beat } from "./beat.js";
import { bodyOf, publish } from "./publisher.js";
import { Recording } from "./recording.js";

const OPEN_CONNECTIONS_MAX = 256;
/** Requests of an open loop that wait for an answer; what comes on top was refused. */
const OPEN_IN_FLIGHT_MAX = 20_000;
const OPEN_DRAIN_MS = 60_000;
const KEEP_ALIVE_MS = 60_000;
/** Until the thread for the beats runs. */
const THREAD_START_MS = 1_000;
const AHEAD_MS = 0.25;

export async function runJob(job: LoadJob): Promise<LoadReport> {
  const connections = job.kind === "closed" ? job.concurrency : OPEN_CONNECTIONS_MAX;
  const agent = new Agent({ connections, keepAliveTimeout: KEEP_ALIVE_MS });
  const recording = new Recording();
  const requests = new Requests(job.plans, agent, recording);
  try {
    if (job.kind === "closed") await closedLoop(job, requests);
    else await openLoop(job, requests, recording);
    return recording.report();
  } finally {
    await agent.destroy();
  }
}

/** The plans take turns; every event gets a number of its own. */
class Requests {
  #made = 0;
  #sequence = 0;

  constructor(
    private readonly plans: readonly PublishPlan[],
    private readonly agent: Agent,
    private readonly recording: Recording,
  ) {}

  get made(): number {
    return this.#made;
  }

  /** Makes one, which was to begin at `dueMs`, or begins now. */
  async make(dueMs: number | null): Promise<void> {
    const turn = this.#made % this.plans.length;
    this.#made += 1;
    const plan = this.plans[turn];
    if (plan === undefined) return;
    const body = bodyOf(plan, this.#sequence);
    this.#sequence += plan.eventsPerRequest;
    const index = this.recording.begin(turn, dueMs);
    this.recording.end(index, await publish(this.agent, plan, body));
  }
}

async function closedLoop(job: Extract<LoadJob, { kind: "closed" }>, requests: Requests): Promise<void> {
  const one = async (): Promise<void> => {
    while (requests.made < job.requests) await requests.make(null);
  };
  await Promise.all(Array.from({ length: Math.min(job.concurrency, job.requests) }, one));
}

/**
 * Requests are due by the clock: one that could not begin in time counts from when it was due, not from when it began. This
 * process hears of each a moment before, which is about what hearing of it takes; what then begins early counts from when
 * it began.
 */
async function openLoop(
  job: Extract<LoadJob, { kind: "open" }>,
  requests: Requests,
  recording: Recording,
): Promise<void> {
  const count = Math.round(job.ratePerSecond * job.seconds);
  const everyMs = 1_000 / job.ratePerSecond;
  const beginMs = nowMs() + THREAD_START_MS;
  let inFlight = 0;
  let next = 0;
  const beginUntil = (untilMs: number): void => {
    for (; next < count && beginMs + next * everyMs <= untilMs; next += 1) {
      if (inFlight >= OPEN_IN_FLIGHT_MAX) {
        recording.refuse("too many requests wait for an answer");
        continue;
      }
      inFlight += 1;
      void requests.make(beginMs + next * everyMs).finally(() => (inFlight -= 1));
    }
  };
  await beat({ firstMs: beginMs - AHEAD_MS, everyMs, count }, () => beginUntil(nowMs() + AHEAD_MS));
  // What the last beat has missed by a rounding.
  beginUntil(Infinity);
  const deadlineMs = nowMs() + OPEN_DRAIN_MS;
  const waits = (): boolean => inFlight > 0 && nowMs() < deadlineMs;
  while (waits()) await new Promise((wake) => setTimeout(wake, 10));
}
