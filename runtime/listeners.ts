/** Where a process listens: for callers or, as a worker, for its health; and apart from that for who reads metrics, if asked to. */
import type { RequestListener, Server } from "node:http";
import { createApiListener, createHealthApp } from "../api/app.js";
import type { ApiDeps } from "../api/deps.js";
import type { OwnListeners } from "../egress/own-listeners.js";
import { closeServer, listen, portOf, urlOf } from "./http-server.js";

/** An address to listen at; port 0 picks a free one. */
export interface ListenAddress {
  host: string;
  port: number;
}

export interface ListenersOptions extends ListenAddress {
  /** Whether callers are served, or health only. */
  isApi: boolean;
  /** Where `/metrics` is then, and nowhere else; `null`: beside the rest. */
  metrics: ListenAddress | null;
  /** Learns the ports. */
  ownListeners: OwnListeners;
}

export interface Listeners {
  url: string;
  /** Of the port for metrics, if it has one of its own. */
  metricsUrl: string | null;
  /** Lets requests end, then ends their connections. */
  close(): Promise<void>;
}

/** Resolves when all of them listen; rejects with Node's error, such as `EADDRINUSE`, when none does any more. */
export async function openListeners(deps: ApiDeps, options: ListenersOptions): Promise<Listeners> {
  const { isApi, metrics, ownListeners } = options;
  const open: Server[] = [];
  const close = async () => {
    await Promise.all(open.map((server) => closeServer(server)));
  };
  const openOne = async (listener: RequestListener, at: ListenAddress): Promise<string> => {
    // Known before anybody is answered, unless the system picks it.
    ownListeners.add(at.port);
    const server = await listen(listener, at);
    open.push(server);
    ownListeners.add(portOf(server));
    return urlOf(server, at.host);
  };
  const own = metrics === null ? deps : { ...deps, health: { ...deps.health, metricsText: undefined } };
  try {
    const metricsUrl = metrics === null ? null : await openOne(createHealthApp(deps), metrics);
    const url = await openOne(isApi ? createApiListener(own) : createHealthApp(own), options);
    return { url, metricsUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}
