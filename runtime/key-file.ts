/** The encryption key that `posthorn dev` keeps in its data folder, in the form of the setting. */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { newKeyEntry, parseKeyRing } from "../store/sealing/key-ring.js";
import type { KeyRing } from "../store/sealing/key-ring.js";
import { StackError } from "./stack/index.js";

export function keyFileIn(dataDir: string): string {
  return join(dataDir, "encryption-key");
}

/**
 * The key of a data folder, or `null` if there is none.
 *
 * @throws StackError that names the file if it holds no key
 */
export async function readKeyFile(dataDir: string): Promise<KeyRing | null> {
  const file = keyFileIn(dataDir);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  });
  return text === null ? null : ringIn(file, text);
}

/** Makes the key of a data folder, readable by its owner only. A key that exists is never overwritten: then it is read. */
export async function createKeyFile(dataDir: string): Promise<KeyRing> {
  const file = keyFileIn(dataDir);
  await mkdir(dataDir, { recursive: true });
  const text = newKeyEntry(randomBytes, new Date());
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(`${text}\n`);
      // Values that are sealed with it must not outlive it.
      await handle.sync();
    } finally {
      await handle.close();
    }
    return ringIn(file, text);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    return ringIn(file, await readFile(file, "utf8"));
  }
}

function ringIn(file: string, text: string): KeyRing {
  const read = parseKeyRing(text.trim());
  if (read.ok) return read.ring;
  throw new StackError([`${file} holds no encryption key:`, ...read.problems.map((it) => `- ${it}`)].join("\n"));
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
