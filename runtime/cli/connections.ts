/** Short-lived connections of commands to the servers they are about. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { connectStore } from "../../store/connect.js";
import type { Store } from "../../store/connect.js";
import type { KeyRing } from "../../store/sealing/key-ring.js";
import type { Config } from "../config.js";
import { createIdSource } from "../ids.js";
import type { ListenAddress } from "../listeners.js";

const clock = { now: () => Date.now() };

export function mongodbUriOf(config: Config): string {
  return config.MONGODB_URI ?? `mongodb://127.0.0.1:${config.POSTHORN_MONGODB_PORT}/?directConnection=true`;
}

export function temporalAddressOf(config: Config): string {
  return config.TEMPORAL_ADDRESS ?? `127.0.0.1:${config.POSTHORN_TEMPORAL_PORT}`;
}

/** Without keys for commands that neither write an endpoint nor read its secrets. */
export function openStore(uri: string, encryptionKeys: KeyRing | null = null): Promise<Store> {
  return connectStore({ uri, encryptionKeys, ids: createIdSource({ now: clock.now, randomBytes }), clock });
}

/** Rejects if MongoDB does not answer. */
export async function pingMongo(uri: string): Promise<void> {
  const store = await openStore(uri);
  try {
    await store.ping();
  } finally {
    await store.close();
  }
}

export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

/** Where the metrics have a port of their own; `null` if they have none. */
export function metricsAddress(config: Config): ListenAddress | null {
  const { POSTHORN_METRICS_HOST: host, POSTHORN_METRICS_PORT: port } = config;
  return port === undefined ? null : { host, port };
}

/** What to do about a port that is taken: that of the metrics if the error is about it, else the API's. */
export function portTaken(error: unknown, config: Config): string[] {
  const port = error instanceof Error && "port" in error ? error.port : config.POSTHORN_PORT;
  const [setting, host] =
    port === config.POSTHORN_METRICS_PORT
      ? ["POSTHORN_METRICS_PORT", config.POSTHORN_METRICS_HOST]
      : ["POSTHORN_PORT", config.POSTHORN_HOST];
  return [
    `port ${String(port)} on ${host} is taken by another process`,
    `set ${setting} to a free port, or stop what listens there`,
  ];
}

/** Looked at before anything slow is begun; the start itself has the last word. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve(!isPortTaken(error)));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
