/** The receivers as the soak sees them: their URLs, what arrived, and how often the hostile ones were called. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Arrival, Order } from "./receivers-contract.js";
import { reportSchema } from "./receivers-contract.js";

const PROGRAM = fileURLToPath(new URL("./receivers-process.ts", import.meta.url));

export interface Receivers {
  healthy: readonly string[];
  hostile: readonly { name: string; url: string }[];
  /** Connections that each hostile receiver has accepted so far. */
  connections(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/**
 * The hostile ones in a process of their own: one that pours out megabytes would keep a healthy one in its process from
 * answering, and that is not Posthorn's to prevent. Rejects if a process ends before its receivers listen.
 */
export async function startReceivers(order: Order, arrived: (arrivals: Arrival[]) => void): Promise<Receivers> {
  const [healthy, hostile] = await Promise.all([
    startProcess({ ...order, hostile: 0 }, arrived),
    startProcess({ ...order, healthy: 0 }, arrived),
  ]);
  return {
    healthy: healthy.healthy,
    hostile: hostile.hostile,
    connections: () => hostile.connections(),
    close: async () => {
      await Promise.all([healthy.close(), hostile.close()]);
    },
  };
}

async function startProcess(order: Order, arrived: (arrivals: Arrival[]) => void): Promise<Receivers> {
  const child = fork(PROGRAM, [JSON.stringify(order)], { execArgv: ["--import", "tsx"] });
  const ended = once(child, "exit");
  let connections: Record<string, number> = {};
  const listening = new Promise<Pick<Receivers, "healthy" | "hostile">>((resolve) => {
    child.on("message", (message) => {
      const report = reportSchema.parse(message);
      if (report.kind === "listening") resolve(report);
      else if (report.kind === "arrivals") arrived(report.arrivals);
      else connections = report.byName;
    });
  });
  const failed = ended.then(([code]) => {
    throw new Error(`the receivers ended with ${String(code)}`);
  });
  failed.catch(() => undefined);
  const urls = await Promise.race([listening, failed]);
  return {
    healthy: urls.healthy,
    hostile: urls.hostile,
    connections: () => connections,
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
