/** Posthorn with servers and processes of its own, as one machine has them with `npm start`, on data that is thrown away. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Adapter, StartOptions, Target } from "./adapter.js";
import { createPosthornTenant } from "./posthorn-api.js";
import { startServers } from "./posthorn/servers.js";
import { startService } from "./posthorn/service.js";
import { openTemporal } from "./posthorn/temporal.js";

export interface PosthornOptions {
  /** The built JavaScript, the folder `dist`. */
  dist: string;
  /** How many; the first accepts and delivers, the others deliver. */
  processes: number;
  report: (line: string) => void;
}

export function posthornAdapter(options: PosthornOptions): Adapter {
  return {
    name: "posthorn",
    capabilities: new Set(["control", "settings", "batch", "pause", "lists", "retrySchedule", "workflows", "split"]),
    idHeader: "webhook-id",
    start: (how) => start(options, how),
  };
}

async function start(
  options: PosthornOptions,
  { dataDir, settings, isSplit, profileDir, cleanup }: StartOptions,
): Promise<Target> {
  const folder = join(dataDir, "servers");
  await mkdir(folder);
  const servers = await startServers(folder, cleanup, options.report);
  // The first accepts and delivers, the others deliver.
  const workers = Array.from({ length: isSplit ? options.processes : options.processes - 1 }, () => "worker" as const);
  const roles = [isSplit ? ("api" as const) : ("all" as const), ...workers];
  const service = await startService({ ...options, roles, servers, dataDir, settings, profileDir, cleanup });
  const temporal = await openTemporal(servers.temporalAddress, cleanup);
  return {
    facts: { ...servers.facts, posthorn: service.version, processes: String(roles.length) },
    processes: [{ name: "posthorn", pids: service.pids }, ...servers.processes],
    // All of it goes with its data: nothing needs to be removed before.
    createTenant: async () => ({ ...(await createPosthornTenant(service.api)), delete: () => Promise.resolve() }),
    settled: async (timeoutMs) =>
      (await service.dispatched(timeoutMs)) && (await temporal.firstAttemptsOver(timeoutMs)),
    countWorkflows: (type) => temporal.count(`WorkflowType = '${type}'`),
    problems: () => service.problems(),
    stop: async () => {
      await temporal.stop();
      await service.stop();
      await servers.stop();
    },
  };
}
