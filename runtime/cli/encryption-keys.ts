/** Which keys a command seals and opens secrets with. */
import type { KeyRing } from "../../store/sealing/key-ring.js";
import type { Config } from "../config.js";
import { createKeyFile, keyFileIn, readKeyFile } from "../key-file.js";
import { StackError } from "../stack/index.js";
import { openStore } from "./connections.js";

/**
 * Those of the setting, else the one that `posthorn dev` keeps for its own MongoDB; `null` if there are none.
 *
 * @throws StackError if the key file holds no key
 */
export async function encryptionKeysOf(config: Config): Promise<KeyRing | null> {
  const { POSTHORN_ENCRYPTION_KEYS: ring, MONGODB_URI, POSTHORN_DATA_DIR } = config;
  // The folder's key is about the folder's data. On another MongoDB it would seal what nobody else can open.
  return ring ?? (MONGODB_URI === null ? readKeyFile(POSTHORN_DATA_DIR) : null);
}

/**
 * For `posthorn dev`: those of the setting, else the folder's, made if nothing is sealed yet.
 *
 * @throws StackError if something is sealed and the key file is gone or holds no key
 */
export async function devEncryptionKeys(config: Config, mongodbUri: string): Promise<KeyRing> {
  const dataDir = config.POSTHORN_DATA_DIR;
  const known = config.POSTHORN_ENCRYPTION_KEYS ?? (await readKeyFile(dataDir));
  if (known !== null) return known;
  const kids = await kidsIn(mongodbUri);
  if (kids.length === 0) return createKeyFile(dataDir);
  throw new StackError(
    [
      `${keyFileIn(dataDir)} is gone, and secrets in the database are sealed with the key ${kids.join(", ")}`,
      "put the file back, or name the key in POSTHORN_ENCRYPTION_KEYS",
      `if it is lost: remove the data (with the embedded MongoDB: ${dataDir}) to begin anew`,
    ].join("\n"),
  );
}

async function kidsIn(mongodbUri: string): Promise<string[]> {
  const store = await openStore(mongodbUri);
  try {
    const { byKid } = await store.sealedValues.counts();
    return [...byKid.keys()];
  } finally {
    await store.close();
  }
}
