/** The socket under the API: bounded in time and number for callers that are slow, silent or many on purpose. */
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const DRAIN_MS = 5_000;

export interface HttpLimits {
  /** Until the head of a request has come. */
  headersMs: number;
  /** Until the whole request has come. */
  requestMs: number;
  /** For a connection on which nothing moves while a request or its answer is on the way. */
  stalledMs: number;
  /** Between two requests on a connection. */
  idleMs: number;
  /** How often the first two are looked at: by so much they may be exceeded. Node's own is half a minute. */
  checkMs: number;
  /** At once; what comes above that is closed unanswered. */
  connectionsMax: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersMs: 10_000,
  // The largest body, 32 MiB of samples, over a line of 2.5 Mbit/s.
  requestMs: 120_000,
  // Longer than any command waits for what it asked for.
  stalledMs: 60_000,
  // Longer than the balancers in front of it, which are not to use what is about to be closed.
  idleMs: 65_000,
  checkMs: 2_000,
  connectionsMax: 4_096,
};

export interface ListenOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  limits?: HttpLimits;
}

/** Resolves when it listens; rejects with Node's error, such as `EADDRINUSE`. */
export function listen(
  listener: RequestListener,
  { host, port, limits = HTTP_LIMITS }: ListenOptions,
): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkMs,
    },
    (request, response) => {
      request.url = originForm(request.url ?? "/");
      listener(request, response);
    },
  );
  // Requests have their own bounds; this one ends clients that do not read what they asked for.
  server.setTimeout(limits.stalledMs);
  server.maxConnections = limits.connectionsMax;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

/**
 * The path of a request. Clients of proxies name the whole URL (RFC 9112, 3.2.2); of some of those Express makes nothing
 * and answers with a page of its own.
 */
function originForm(target: string): string {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The port that a server listens at, also where the system picked it. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a TCP server that listens has one
}

/** Where a server that listens is reached. */
export function urlOf(server: Server, host: string): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${portOf(server)}`;
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
