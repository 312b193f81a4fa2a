/** Looks at the Posthorn process again and again: at what the system says about it, and at its own metrics. */
import type { Posthorn } from "../support/posthorn.js";
import type { Descriptors, SocketPeers } from "./linux-process.js";
import { descriptorsOf, machineSeconds, processorSeconds, residentMib } from "./linux-process.js";
import { monotonicMs } from "./receivers-contract.js";

export interface Sample {
  /** Since the first sample. */
  atMs: number;
  phase: string;
  rssMib: number;
  heapUsedMib: number;
  externalMib: number;
  descriptors: Descriptors;
  /** Node's active timers, and all its active resources. */
  timers: number;
  resources: number;
  requestsRunning: number;
  requestsWaiting: number;
  eventLoopP99Ms: number;
  /** So far: of the process, and of the whole machine. */
  processorSeconds: number;
  machineBusySeconds: number;
  machineSeconds: number;
}

/** Series of a Prometheus text, by name and labels as they stand there. */
export function readSeries(text: string): Map<string, number> {
  const lines = text.split("\n").filter((it) => it !== "" && !it.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

export async function seriesOf(posthorn: Posthorn): Promise<Map<string, number>> {
  const response = await fetch(`${posthorn.url}/metrics`);
  return readSeries(await response.text());
}

const MIB = 1024 * 1024;

export class Sampler {
  readonly samples: Sample[] = [];
  readonly #startMs = monotonicMs();
  #phase = "start";
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly posthorn: Posthorn,
    private readonly peers: SocketPeers,
  ) {}

  /** Samples from now on carry this name. */
  enter(phase: string): void {
    this.#phase = phase;
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => {
      // A look that fails is missing from the row; a process that has ended shows in what does not arrive.
      this.#running = this.look().then(
        () => undefined,
        () => undefined,
      );
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async look(): Promise<Sample> {
    const { pid } = this.posthorn.process;
    if (pid === undefined) throw new Error("the process has no id");
    const phase = this.#phase;
    const [rssMib, used, machine, descriptors, series] = await Promise.all([
      residentMib(pid),
      processorSeconds(pid),
      machineSeconds(),
      descriptorsOf(pid, this.peers),
      seriesOf(this.posthorn),
    ]);
    const value = (name: string) => series.get(name) ?? 0;
    const sample: Sample = {
      atMs: monotonicMs() - this.#startMs,
      phase,
      rssMib,
      heapUsedMib: value("nodejs_heap_size_used_bytes") / MIB,
      externalMib: value("nodejs_external_memory_bytes") / MIB,
      descriptors,
      timers: value('nodejs_active_resources{type="Timeout"}'),
      resources: value("nodejs_active_resources_total"),
      requestsRunning: value('posthorn_queue_depth{queue="requests_running"}'),
      requestsWaiting: value('posthorn_queue_depth{queue="requests_waiting"}'),
      eventLoopP99Ms: value("nodejs_eventloop_lag_p99_seconds") * 1000,
      processorSeconds: used,
      machineBusySeconds: machine.busy,
      machineSeconds: machine.all,
    };
    this.samples.push(sample);
    return sample;
  }
}
