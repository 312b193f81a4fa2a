/** Short-lived connections of commands to the servers they are about. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { connectStore } from "../../store/connect.js";
import type { Store } from "../../store/connect.js";
import type { KeyRing } from "../../store/sealing/key-ring.js";
import type { Config } from "../config.js";
import { createIdSource } from "../ids.js";

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

/** Looked at before anything slow is begun; the start itself has the last word. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve(!isPortTaken(error)));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
