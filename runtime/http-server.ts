/** The socket under the API: bounded in time for callers that are slow on purpose. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Express } from "express";

const DRAIN_MS = 5_000;

/** Resolves when it listens; rejects with Node's error, such as `EADDRINUSE`. Port 0 picks a free one. */
export function listen(app: Express, options: { host: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(options.port, options.host, (error?: Error) => {
      if (error === undefined) resolve(server);
      else reject(error);
    });
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    server.keepAliveTimeout = 65_000;
  });
}

/** Where a server that listens is reached. */
export function urlOf(server: Server, host: string): string {
  const address = server.address() as AddressInfo; // a TCP server that listens has one
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

/** Lets requests end for {@link DRAIN_MS}, then ends their connections. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  await Promise.race([closed, sleep(DRAIN_MS)]);
  server.closeAllConnections();
}
