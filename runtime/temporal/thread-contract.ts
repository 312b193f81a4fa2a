/**
 * What the process and its thread for Temporal ask of each other. Everything that crosses is plain data: ids, counters,
 * times, and of deliveries what a command needs. Payloads and secrets stay in the process.
 */
import type { ActivityWork } from "../../activities/activity-work.js";
import type { LogFields } from "../../core/log-fields.js";
import type { Engine } from "../../core/ports.js";
import type { Dispatchable } from "../../core/store-ports.js";
import type { TemporalAccess } from "../temporal-settings.js";
import type { Carried } from "./carried-errors.js";

export interface ThreadSettings {
  address: string;
  namespace: string;
  access: TemporalAccess;
  /** Run workflows here; else only start them and send commands. */
  isWorker: boolean;
}

/** What the process asks of the thread. */
export interface ThreadCalls extends Omit<Engine, "workflowUrl"> {
  /** Starts one workflow for the first attempts of these events. */
  start(events: readonly Dispatchable[]): Promise<void>;
  /** Lets the worker begin; nothing happens without one. */
  serve(): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What the thread asks of the process, and tells it. */
export interface ProcessCalls extends ActivityWork {
  log(level: LogLevel, fields: LogFields, message: string, cause?: Carried): void;
  /** The worker polls for the first time. */
  polling(): void;
}

/** Beside the calls: to the thread, to end; from it, that everything of it has ended. */
export const STOP = "stop";
