import { open, rename, stat } from "node:fs/promises";

/** A server's log is put aside once it has grown beyond this; one old file is kept. */
const ROTATE_AT_BYTES = 20 * 1024 * 1024;

/** Puts a log that has grown too large aside as `<file>.1`. */
export async function rotateLog(file: string): Promise<void> {
  if ((await sizeOf(file)) > ROTATE_AT_BYTES) await rename(file, `${file}.1`);
}

/** The size in bytes; 0 if there is no such file. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** The last lines that were written after `offset`, at most 4,000 characters of them. */
export async function tailSince(file: string, offset: number): Promise<string> {
  const size = await sizeOf(file);
  if (size <= offset) return "";
  const from = Math.max(offset, size - 4000);
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - from), position: from });
    return buffer.subarray(0, bytesRead).toString("utf8").trim();
  } finally {
    await handle.close();
  }
}
