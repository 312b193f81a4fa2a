/** Every port of the API in memory: a twin that keeps the ports' guarantees, with handles to disturb it. */
import { randomBytes } from "node:crypto";
import type { ApiDeps } from "../../api/deps.js";
import { createOperationalEvents } from "../../api/operator/operational-events.js";
import { PosthornError } from "../../core/errors.js";
import { OPERATOR_UID } from "../../core/operational-events.js";
import type { HeadStart, WebhookEvent } from "../../core/model.js";
import type { LogFields } from "../../core/log-fields.js";
import type { Dispatcher, HeadStarts } from "../../core/ports.js";
import { createIdSource } from "../../runtime/ids.js";
import { signingSecrets } from "../../runtime/signing-secrets.js";
import {
  memoryApiKeys,
  memoryApplications,
  memoryDirectory,
  memoryEndpoints,
  memoryEventTypes,
} from "./memory/memory-catalogue.js";
import { memoryAudit } from "./memory/memory-audit.js";
import { memoryAttempts, memoryDeliveries } from "./memory/memory-deliveries.js";
import { MemoryEngine } from "./memory/memory-engine.js";
import { memoryEvents } from "./memory/memory-events.js";
import { MemorySender } from "./memory/memory-sender.js";
import { MemoryState } from "./memory/memory-state.js";

interface LoggedLine {
  level: string;
  fields: LogFields;
  message: string;
  cause?: unknown;
}

class MemoryHeadStarts implements HeadStarts {
  readonly begun: string[] = [];
  constructor(
    private readonly now: () => number,
    private readonly dispatcher: Dispatcher,
  ) {}

  claim(): HeadStart {
    return { processId: "this-process", until: new Date(this.now() + 10_000) };
  }

  begin(event: WebhookEvent): boolean {
    this.begun.push(event.id);
    this.dispatcher.dispatch(event);
    return true;
  }
}

export interface MemoryPorts {
  deps: ApiDeps;
  state: MemoryState;
  engine: MemoryEngine;
  headStarts: MemoryHeadStarts;
  sender: MemorySender;
  lines: LoggedLine[];
  accepted: { count: number };
  /** Requests with a wrong key. */
  refused: { count: number };
  /** Moves the clock. */
  advance(ms: number): void;
}

/** A secret of 24 bytes in the form of Standard Webhooks. */
export function whsec(): string {
  return `whsec_${randomBytes(24).toString("base64")}`;
}

export function createMemoryPorts(config: Partial<ApiDeps["config"]> = {}): MemoryPorts {
  let skewMs = 0;
  const clock = { now: () => Date.now() + skewMs };
  const ids = createIdSource({ now: clock.now, randomBytes });
  const state = new MemoryState(clock, ids);
  const engine = new MemoryEngine(state);
  const headStarts = new MemoryHeadStarts(clock.now, engine);
  const sender = new MemorySender();
  const lines: LoggedLine[] = [];
  const accepted = { count: 0 };
  const refused = { count: 0 };
  const line = (level: string) => (fields: LogFields, message: string, cause?: unknown) => {
    lines.push({ level, fields, message, cause });
  };
  const endpoints = memoryEndpoints(state);
  const parts: Omit<ApiDeps, "operational"> = {
    stores: {
      applications: memoryApplications(state),
      endpoints,
      eventTypes: memoryEventTypes(state),
      events: memoryEvents(state),
      deliveries: memoryDeliveries(state),
      attempts: memoryAttempts(state),
      apiKeys: memoryApiKeys(state),
      audit: memoryAudit(state),
    },
    directory: memoryDirectory(endpoints),
    engine,
    headStarts,
    intake: { enter: () => () => undefined },
    dispatcher: engine,
    ids,
    clock,
    log: { info: line("info"), warn: line("warn"), error: line("error"), debug: line("debug") },
    metrics: {
      eventsAccepted: (count) => {
        accepted.count += count;
      },
      attemptMade: () => undefined,
      delivered: () => undefined,
      authRefused: () => {
        refused.count += 1;
      },
    },
    urlPolicy: {
      check: (url) =>
        URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
          ? { ok: true }
          : { ok: false, problem: "must be an http or https URL" },
    },
    sender,
    customHeaderProblem: (name) => (name.toLowerCase() === "host" ? "is set by Posthorn" : null),
    secrets: signingSecrets,
    config: {
      bodyBytesMax: 1024 * 1024,
      publicUrl: "http://localhost:8000",
      openAccess: "loopback-admin",
      adminKey: null,
      version: "1.2.3",
      samplePayloads: "everybody",
      settleMsMax: 400,
      ...config,
    },
    health: {
      store: () => (state.isDown ? Promise.reject(new PosthornError("store_unavailable")) : Promise.resolve()),
      engine: () => engine.ping(),
      metricsText: () => Promise.resolve("posthorn_events_accepted_total 1\n"),
    },
  };
  // The same object: what a test replaces in it is replaced for this as well.
  const deps: ApiDeps = Object.assign(parts, { operational: createOperationalEvents(parts) });
  const at = new Date(clock.now());
  for (const uid of ["default", OPERATOR_UID]) {
    const id = ids.next("application");
    state.applications.set(id, { id, uid, name: uid, metadata: {}, metriport: null, createdAt: at, updatedAt: at });
  }
  return { deps, state, engine, headStarts, sender, lines, accepted, refused, advance: (ms) => void (skewMs += ms) };
}
