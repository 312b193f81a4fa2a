/** One soak: phases A, B and C against one Posthorn process, and everything that was seen of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { createEndpoint } from "../support/e2e.js";
import type { Installation } from "../support/posthorn.js";
import { Posthorn } from "../support/posthorn.js";
import { Ledger } from "./ledger.js";
import type { SocketPeers } from "./linux-process.js";
import type { Target } from "./load.js";
import { Publisher, publishSteadily } from "./load.js";
import type { SoakOptions } from "./options.js";
import type { PhaseResult, SoakResult } from "./result.js";
import { startReceivers } from "./receivers.js";
import type { Receivers } from "./receivers.js";
import type { Sample } from "./sampler.js";
import { Sampler, seriesOf } from "./sampler.js";
import { seededRandom } from "./statistics.js";
import { leaksBetween } from "./verdict.js";

/** How long what was begun may take to end before the next phase: longer than any request to a receiver. */
const SETTLE_MS_MAX = 45_000;
const LOOK_MS = 500;

export interface SoakRun {
  options: SoakOptions;
  installation: Installation;
  /** What Node runs as Posthorn. @default the sources */
  program?: readonly string[];
  say: (line: string) => void;
  /** Ends it early; what was measured until then is the result. */
  signal: AbortSignal;
}

export async function runSoak(run: SoakRun): Promise<SoakResult> {
  const { options, installation } = run;
  const ledger = new Ledger();
  const healthy = options.receivers * (options.twins ? 2 : 1);
  const receivers = await startReceivers({ healthy, hostile: options.receivers }, (arrivals) => {
    for (const arrival of arrivals) ledger.arrived(arrival);
  });
  try {
    const posthorn = await Posthorn.start(installation, run.program === undefined ? {} : { program: run.program });
    try {
      const sampler = new Sampler(posthorn, peersOf(installation, posthorn, receivers));
      const publisher = new Publisher(posthorn.url);
      try {
        return await new Phases({ ...run, posthorn, publisher, receivers, ledger, sampler }).run();
      } finally {
        await Promise.all([sampler.stop(), publisher.close()]);
      }
    } finally {
      await posthorn.stop();
    }
  } finally {
    await receivers.close();
  }
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

function peersOf({ env }: Installation, posthorn: Posthorn, receivers: Receivers): SocketPeers {
  const urls = [...receivers.healthy, ...receivers.hostile.map((it) => it.url)];
  return {
    receivers: new Set(urls.map(portOf)),
    mongodb: Number(/:(\d+)\//.exec(env["MONGODB_URI"] ?? "")?.[1]),
    temporal: Number(env["TEMPORAL_ADDRESS"]?.split(":").at(-1)),
    api: portOf(posthorn.url),
  };
}

interface Parts extends SoakRun {
  posthorn: Posthorn;
  publisher: Publisher;
  receivers: Receivers;
  ledger: Ledger;
  sampler: Sampler;
}

class Phases {
  readonly #random: () => number;
  /** Without what may still arrive when the next phase has begun. */
  readonly #phases: Omit<PhaseResult, "latenciesMs" | "counts">[] = [];

  constructor(private readonly parts: Parts) {
    this.#random = seededRandom(parts.options.seed);
  }

  async run(): Promise<SoakResult> {
    const { options, receivers, ledger, sampler } = this.parts;
    const targets = await this.#createHealthy();
    const healthy = targets.slice(0, options.receivers);
    const twins = targets.slice(options.receivers);

    // Once, so that everything that is made at the first use is there when it is counted.
    await this.#load({ phase: "first", healthy, others: twins, durationMs: 2_000 });
    await this.#settle("start");
    const start = await this.#rest((it) => it.descriptors.toReceivers === 0);
    sampler.start(options.sampleMs);

    // A service that has been up for a while has met hostile receivers before: what its code costs at the first use is not
    // what they do to others. Those of B are strangers again, with breakers that are closed.
    const met = await this.#createHostile();
    await this.#load({ phase: "warm-up", healthy, others: met.targets, durationMs: options.warmUpMs });
    await this.#dismiss(met.ids);
    await this.#load({ phase: "warm-up A", healthy, others: twins, durationMs: options.warmUpMs / 4 });
    await this.#measure({ phase: "A", healthy, others: twins, durationMs: options.hostileMs / 2 });

    const hostile = await this.#createHostile();
    await this.#measure({ phase: "B", healthy, others: hostile.targets, durationMs: options.hostileMs });
    const endOfHostility = await sampler.look();
    await this.#dismiss(hostile.ids);

    await this.#load({ phase: "warm-up C", healthy, others: twins, durationMs: options.warmUpMs / 4 });
    await this.#measure({ phase: "C", healthy, others: twins, durationMs: options.hostileMs / 2 });
    await this.#settle("cool-down");
    const end = await this.#rest((it) => leaksBetween(start, it).length === 0);
    return {
      options,
      phases: this.#phases.map((it) => ({
        ...it,
        latenciesMs: ledger.latencies(it.name, options.receivers),
        counts: ledger.counts(it.name),
      })),
      connections: receivers.connections(),
      refused: ledger.refused,
      strays: ledger.strays,
      missing: ledger.outstanding,
      start,
      endOfHostility,
      end,
      samples: sampler.samples,
    };
  }

  async #createHealthy(): Promise<Target[]> {
    const { posthorn, receivers } = this.parts;
    const targets: Target[] = [];
    for (const [index, url] of receivers.healthy.entries()) {
      const eventType = `soak.healthy${index}`;
      await createEndpoint(posthorn, { url, eventTypes: [eventType] });
      targets.push({ eventType, receiver: index });
    }
    return targets;
  }

  /** As a customer would: with the retries that nobody has changed. */
  async #createHostile(): Promise<{ targets: Target[]; ids: string[] }> {
    const { options, posthorn, receivers } = this.parts;
    const limit = options.hostileTimeoutMs === null ? {} : { timeoutMs: options.hostileTimeoutMs };
    const targets: Target[] = [];
    const ids: string[] = [];
    for (const [index, { url, name }] of receivers.hostile.entries()) {
      const eventType = `soak.hostile${index}`;
      const endpoint = await createEndpoint(posthorn, { url, eventTypes: [eventType], description: name, ...limit });
      ids.push(endpoint.id);
      targets.push({ eventType, receiver: null });
    }
    return { targets, ids };
  }

  async #dismiss(endpointIds: readonly string[]): Promise<void> {
    for (const id of endpointIds) await this.parts.posthorn.ok("DELETE", `/v1/endpoints/${id}`);
    await this.#settle("settling");
  }

  /** Two loads at once that know nothing of each other. */
  async #load(it: Load): Promise<number> {
    const { options, publisher, ledger, sampler, signal } = this.parts;
    sampler.enter(it.phase);
    const common = { publisher, ledger, rate: options.rate, durationMs: it.durationMs, signal };
    const healthy = { ...common, phase: it.phase, targets: it.healthy, random: this.#random };
    const others = { ...healthy, targets: it.others, random: seededRandom(options.seed + 1) };
    const delays = await Promise.all([healthy, ...(it.others.length === 0 ? [] : [others])].map(publishSteadily));
    return Math.max(...delays);
  }

  async #measure(it: Load): Promise<void> {
    const { posthorn, ledger, sampler, say } = this.parts;
    say(`${it.phase}: ${Math.round(it.durationMs / 1000)} s`);
    sampler.enter(it.phase);
    const [before, series] = await Promise.all([sampler.look(), seriesOf(posthorn)]);
    const latestMs = await this.#load(it);
    const [after, later] = await Promise.all([sampler.look(), seriesOf(posthorn)]);
    await this.#arrivals();
    this.#phases.push({
      name: it.phase,
      answersMs: ledger.answerTimes(it.phase),
      late: ledger.counts(it.phase).missing,
      loadDelayMsMax: latestMs,
      processorShare: (after.processorSeconds - before.processorSeconds) / ((after.atMs - before.atMs) / 1000),
      machineShare: machineShare(before, after),
      outcomes: outcomesBetween(series, later),
    });
  }

  /** Until everything for healthy receivers is there, within bounds. */
  async #arrivals(): Promise<void> {
    const endMs = Date.now() + SETTLE_MS_MAX;
    while (this.parts.ledger.outstanding > 0 && Date.now() < endMs && !this.parts.signal.aborted) await sleep(LOOK_MS);
  }

  /** Until nothing is on its way any more, within bounds. */
  async #settle(phase: string): Promise<void> {
    const { sampler, signal } = this.parts;
    sampler.enter(phase);
    await this.#arrivals();
    const endMs = Date.now() + SETTLE_MS_MAX;
    while (Date.now() < endMs && !signal.aborted) {
      const { requestsRunning, requestsWaiting } = await sampler.look();
      if (requestsRunning + requestsWaiting === 0) return;
      await sleep(LOOK_MS);
    }
  }

  /** Without load, until what was kept open for the next use is gone, within bounds. */
  async #rest(isQuiet: (sample: Sample) => boolean): Promise<Sample> {
    const { options, sampler, signal, say } = this.parts;
    say(`rest: at most ${Math.round(options.coolDownMs / 1000)} s without load`);
    const endMs = Date.now() + options.coolDownMs;
    for (;;) {
      const sample = await sampler.look();
      if (isQuiet(sample) || Date.now() > endMs || signal.aborted) return sample;
      await sleep(LOOK_MS);
    }
  }
}

interface Load {
  phase: string;
  healthy: readonly Target[];
  others: readonly Target[];
  durationMs: number;
}

function machineShare(before: Sample, after: Sample): number {
  return (after.machineBusySeconds - before.machineBusySeconds) / (after.machineSeconds - before.machineSeconds);
}

/** Attempts by outcome, of all receivers. */
function outcomesBetween(before: Map<string, number>, after: Map<string, number>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, value] of after) {
    const outcome = /^posthorn_attempts_total\{.*outcome="([^"]+)"/.exec(name)?.[1];
    const count = value - (before.get(name) ?? 0);
    if (outcome !== undefined && count > 0) counts[outcome] = (counts[outcome] ?? 0) + count;
  }
  return counts;
}
