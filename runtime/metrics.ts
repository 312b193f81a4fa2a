/** Prometheus metrics of one process. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Metrics } from "../core/ports.js";

export interface QueueDepths {
  /** Accepted events whose workflow is not started yet. */
  dispatcher: () => number;
  /** Events with first attempts on their way. */
  headStarts: () => number;
  /** Requests on their way to receivers. */
  requestsRunning: () => number;
  /** Requests that wait for a slot. */
  requestsWaiting: () => number;
}

export interface ProcessMetrics extends Metrics {
  watch(depths: QueueDepths): void;
  text(): Promise<string>;
}

export function createMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const accepted = new Counter({
    name: "posthorn_events_accepted_total",
    help: "Events written to the store.",
    registers: [registry],
  });
  const attempts = new Counter({
    name: "posthorn_attempts_total",
    help: "Attempts by outcome class and trigger.",
    labelNames: ["outcome", "trigger"],
    registers: [registry],
  });
  const latency = new Histogram({
    name: "posthorn_delivery_latency_seconds",
    help: "From the acceptance of an event to the success of a delivery, retries included.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3600, 36_000],
    registers: [registry],
  });
  return {
    eventsAccepted: (count) => accepted.inc(count),
    attemptMade: (outcome, trigger) => attempts.inc({ outcome, trigger }),
    delivered: (latencyMs) => latency.observe(Math.max(0, latencyMs) / 1000),
    watch: (depths) => {
      new Gauge({
        name: "posthorn_queue_depth",
        help: "What waits or runs in this process, by queue.",
        labelNames: ["queue"],
        registers: [registry],
        collect() {
          this.set({ queue: "dispatcher" }, depths.dispatcher());
          this.set({ queue: "head_starts" }, depths.headStarts());
          this.set({ queue: "requests_running" }, depths.requestsRunning());
          this.set({ queue: "requests_waiting" }, depths.requestsWaiting());
        },
      });
    },
    text: () => registry.metrics(),
  };
}
