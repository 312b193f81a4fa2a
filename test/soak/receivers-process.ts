/** A process of receivers: what they do must not slow down the load or the measuring. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { startRawReceiver } from "../support/raw-receiver.js";
import type { HostileKind } from "./hostile-kinds.js";
import { HOSTILE_KINDS } from "./hostile-kinds.js";
import type { Arrival, Report } from "./receivers-contract.js";
import { monotonicMs, orderSchema, payloadSchema } from "./receivers-contract.js";

const REPORT_MS = 250;

interface Hostile {
  name: string;
  url: string;
  connections: () => number;
}

const arrivals: Arrival[] = [];

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function startHealthy(index: number): Promise<string> {
  const server = createServer((message, response) => {
    bodyOf(message)
      .then((body) => {
        const atMs = monotonicMs();
        arrivals.push([payloadSchema.parse(JSON.parse(body)).n, index, atMs]);
        response.writeHead(204).end();
      })
      .catch(() => response.writeHead(400).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return `http://127.0.0.1:${port}/hook`;
}

async function startHostile({ name, serve, scheme = "http" }: HostileKind): Promise<Hostile> {
  if (serve === "accepts-slowly") return startSlowAccept(name);
  if (serve === "refuses") {
    // Nobody listens at the port of a receiver of our own, seen from another address of this machine.
    const { port } = await startRawReceiver(() => Promise.resolve());
    return { name, url: `http://127.0.0.77:${port}/hook`, connections: () => 0 };
  }
  const receiver = await startRawReceiver(serve);
  return { name, url: `${scheme}://127.0.0.1:${receiver.port}/hook`, connections: () => receiver.connections };
}

const slowReport = z.object({ port: z.int().optional(), connections: z.int().optional() });

async function startSlowAccept(name: string): Promise<Hostile> {
  let connections = 0;
  const thread = new Worker(new URL("./slow-accept.mjs", import.meta.url));
  const port = await new Promise<number>((resolve, reject) => {
    thread.on("error", reject);
    thread.on("message", (message) => {
      const report = slowReport.parse(message);
      if (report.port !== undefined) resolve(report.port);
      connections = report.connections ?? connections;
    });
  });
  return { name, url: `http://127.0.0.1:${port}/hook`, connections: () => connections };
}

function tell(report: Report): void {
  // Without a parent there is nobody to tell, and the process is about to end.
  if (process.connected) process.send?.(report);
}

process.on("disconnect", () => process.exit(0));
const order = orderSchema.parse(JSON.parse(process.argv[2] ?? ""));
const healthy = await Promise.all(Array.from({ length: order.healthy }, (_, index) => startHealthy(index)));
const hostile = await Promise.all(HOSTILE_KINDS.slice(0, order.hostile).map(startHostile));
tell({ kind: "listening", healthy, hostile: hostile.map(({ name, url }) => ({ name, url })) });
setInterval(() => {
  if (arrivals.length > 0) tell({ kind: "arrivals", arrivals: arrivals.splice(0) });
  tell({ kind: "connections", byName: Object.fromEntries(hostile.map((it) => [it.name, it.connections()])) });
}, REPORT_MS);
