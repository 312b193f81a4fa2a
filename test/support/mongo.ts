import { inject } from "vitest";
import type {} from "./provided-context.js";

/** The MongoDB for tests: `MONGODB_URI`, else the one that the global setup has started. */
export function mongoUriForTests(): Promise<{ uri: string }> {
  const uri = process.env.MONGODB_URI ?? provided();
  if (uri === undefined) return Promise.reject(new Error("set MONGODB_URI, or run with the global setup"));
  return Promise.resolve({ uri });
}

/** Undefined where no global setup ran, whatever the type says. */
function provided(): string | undefined {
  return inject("mongodbUri");
}
