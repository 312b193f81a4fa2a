import type { SigningSecret } from "./model.js";

/** Those that sign at that time, in their order. */
export function aliveAt(secrets: readonly SigningSecret[], atMs: number): SigningSecret[] {
  return secrets.filter((it) => it.expiresAt === null || it.expiresAt.getTime() > atMs);
}
