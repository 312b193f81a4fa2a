/** Commands that need the store and nothing else. */
import { isPosthornError } from "../../core/errors.js";
import type { Store } from "../../store/connect.js";
import type { KeyRing } from "../../store/sealing/key-ring.js";
import { mongodbUriOf, openStore } from "./connections.js";
import { fail } from "./print.js";
import { settings } from "./settings.js";

/** Opens the store for `work` and closes it; ends the process with advice if MongoDB does not answer. */
export async function withStore(
  work: (store: Store) => Promise<void>,
  encryptionKeys: KeyRing | null = null,
): Promise<void> {
  const config = settings();
  const store = await openStore(mongodbUriOf(config), encryptionKeys);
  try {
    await work(store);
  } catch (error) {
    if (!isPosthornError(error) || error.code !== "store_unavailable") throw error;
    fail([
      "MongoDB does not answer",
      config.MONGODB_URI === null
        ? `the embedded one runs while "posthorn dev" does, on port ${config.POSTHORN_MONGODB_PORT}; or set MONGODB_URI`
        : "check MONGODB_URI",
    ]);
  } finally {
    await store.close();
  }
}
