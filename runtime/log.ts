/** Structured logs by pino, behind the port that allows plain fields only. */
import pino from "pino";
import pretty from "pino-pretty";
import type { LogFields } from "../core/log-fields.js";
import type { Log } from "../core/ports.js";
import { scrub } from "./scrub.js";

export interface LogOptions {
  level: "debug" | "info" | "warn" | "error" | "silent";
  /** For people: one coloured line each. Else JSON lines. */
  pretty: boolean;
  destination?: NodeJS.WritableStream;
}

/** All that a line may have besides its message and its cause: the compiler sees to it that none of them is missing. */
const ALLOWED: Readonly<Record<keyof LogFields, true>> = {
  action: true,
  address: true,
  applicationId: true,
  attemptId: true,
  clientAddress: true,
  consecutiveFailures: true,
  count: true,
  created: true,
  deliveryId: true,
  detail: true,
  durationMs: true,
  endpointId: true,
  error: true,
  event: true,
  eventId: true,
  eventType: true,
  events: true,
  field: true,
  healthy: true,
  kid: true,
  lanes: true,
  nextAttemptAt: true,
  number: true,
  orphans: true,
  outcome: true,
  problem: true,
  reason: true,
  requestId: true,
  role: true,
  signal: true,
  status: true,
  statusCode: true,
  trigger: true,
  tries: true,
  until: true,
  url: true,
  workflowId: true,
};

type Value = string | number | boolean | null;

/** What may be logged of `fields`. At debug level a line names what it lost, without the values. */
function allowed(fields: object, isDebug: boolean): Record<string, Value> {
  const kept: Record<string, Value> = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(ALLOWED, name)) dropped.push(name);
    else if (typeof value === "string") kept[name] = scrub(value);
    else if (value === null || typeof value === "number" || typeof value === "boolean") kept[name] = value;
    else dropped.push(name);
  }
  if (isDebug && dropped.length > 0) kept.droppedFields = scrub(dropped.join(","));
  return kept;
}

/**
 * A cause as name, code and message; where it happened only at debug level. What a parser says about a text that it cannot
 * read quotes that text.
 */
function describeCause(cause: unknown, isDebug: boolean): Record<string, Value> {
  if (!(cause instanceof Error)) return { cause: scrub(String(cause)) };
  const frames = (cause.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    cause: scrub(cause instanceof SyntaxError ? cause.name : `${cause.name}: ${cause.message}`),
    ...("code" in cause ? { causeCode: scrub(String(cause.code)) } : {}),
    ...(isDebug ? { stack: frames.join("\n") } : {}),
  };
}

/** Lines are written together under load, and soon when there are few; at the end of the process at once. */
const FLUSH = { minLength: 4_096, periodicFlush: 100 };

export function createLog(options: LogOptions): Log {
  const stream = options.pretty
    ? pretty({
        colorize: process.stdout.isTTY,
        ignore: "pid,hostname",
        translateTime: "SYS:HH:MM:ss.l",
        singleLine: true,
        ...(options.destination === undefined ? {} : { destination: options.destination }),
      })
    : (options.destination ?? pino.destination({ sync: false, ...FLUSH }));
  const logger = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  const isDebug = logger.isLevelEnabled("debug");
  const write = (level: "debug" | "info" | "warn") => (fields: LogFields, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](allowed(fields, isDebug), scrub(message));
  };
  return {
    info: write("info"),
    warn: write("warn"),
    debug: write("debug"),
    error: (fields, message, cause) => {
      const described = cause === undefined ? {} : describeCause(cause, isDebug);
      logger.error({ ...allowed(fields, isDebug), ...described }, scrub(message));
    },
  };
}
