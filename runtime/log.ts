/** Structured logs by pino, behind the port that allows plain fields only. */
import pino from "pino";
import pretty from "pino-pretty";
import type { Log, LogFields } from "../core/ports.js";

export interface LogOptions {
  level: "debug" | "info" | "warn" | "error" | "silent";
  /** For people: one coloured line each. Else JSON lines. */
  pretty: boolean;
  destination?: NodeJS.WritableStream;
}

/** Texts that must never be in a log, whatever put them there. */
const SECRETS = /(whsec_|whsk_|phk_)[A-Za-z0-9+/=_-]+|(Bearer\s+)\S+|(\/\/)[^/\s:@]+:[^/\s@]+@/g;

function scrub(text: string): string {
  return text.replace(SECRETS, "$1$2$3[redacted]");
}

/** A cause as name, code and message; stacks only at debug level. */
function describeCause(cause: unknown, withStack: boolean): LogFields {
  if (!(cause instanceof Error)) return { cause: scrub(String(cause)) };
  const code = "code" in cause ? String(cause.code) : undefined;
  return {
    cause: scrub(`${cause.name}: ${cause.message}`),
    causeCode: code,
    stack: withStack ? scrub(cause.stack ?? "") : undefined,
  };
}

export function createLog(options: LogOptions): Log {
  const stream = options.pretty
    ? pretty({
        colorize: process.stdout.isTTY,
        ignore: "pid,hostname",
        translateTime: "SYS:HH:MM:ss.l",
        singleLine: true,
        ...(options.destination === undefined ? {} : { destination: options.destination }),
      })
    : (options.destination ?? pino.destination({ sync: false }));
  const logger = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    error: (fields, message, cause) => {
      const described = cause === undefined ? {} : describeCause(cause, logger.isLevelEnabled("debug"));
      logger.error({ ...fields, ...described }, message);
    },
  };
}
