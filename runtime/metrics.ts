/** Prometheus metrics of one process. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Metrics } from "../core/ports.js";

export interface QueueDepths {
  /** Publishing requests that wait because the process has too much to do. */
  intake: () => number;
  /** Accepted events whose workflow is not started yet. */
  dispatcher: () => number;
  /** Events with first attempts on their way. */
  headStarts: () => number;
  /** Operational events that are being written. */
  operational: () => number;
  /** Operational events refused since the start because too many were being written. */
  operationalRefused: () => number;
  /** Requests on their way to receivers. */
  requestsRunning: () => number;
  /** Requests that wait for a slot. */
  requestsWaiting: () => number;
  /** Processes that make attempts, this one included. */
  processes: () => number;
  /** Requests at once that this process allows. */
  limits: () => { perEndpoint: number; perApplication: number; perProcess: number };
}

export interface ProcessMetrics extends Metrics {
  watch(depths: QueueDepths): void;
  text(): Promise<string>;
}

/** How often the delay of the event loop is looked at, and the least that it says: each look wakes a process that rests. */
const EVENT_LOOP_LOOK_MS = 20;

export function createMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
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
  const refused = new Counter({
    name: "posthorn_auth_refused_total",
    help: "Requests with a wrong API key.",
    registers: [registry],
  });
  return {
    authRefused: () => refused.inc(),
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
          this.set({ queue: "intake" }, depths.intake());
          this.set({ queue: "dispatcher" }, depths.dispatcher());
          this.set({ queue: "head_starts" }, depths.headStarts());
          this.set({ queue: "operational" }, depths.operational());
          this.set({ queue: "requests_running" }, depths.requestsRunning());
          this.set({ queue: "requests_waiting" }, depths.requestsWaiting());
        },
      });
      new Gauge({
        name: "posthorn_processes",
        help: "Processes that make attempts, as this one knows; they share the limits.",
        registers: [registry],
        collect() {
          this.set(depths.processes());
        },
      });
      new Gauge({
        name: "posthorn_requests_limit",
        help: "Requests at once that this process allows for each endpoint, application, and in all.",
        labelNames: ["per"],
        registers: [registry],
        collect() {
          const { perEndpoint, perApplication, perProcess } = depths.limits();
          this.set({ per: "endpoint" }, perEndpoint);
          this.set({ per: "application" }, perApplication);
          this.set({ per: "process" }, perProcess);
        },
      });
      new Counter({
        name: "posthorn_operational_refused_total",
        help: "Operational events that were not written because too many were on their way.",
        registers: [registry],
        collect() {
          this.reset();
          this.inc(depths.operationalRefused());
        },
      });
    },
    text: () => registry.metrics(),
  };
}
