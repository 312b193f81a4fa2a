import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyFile, keyFileIn, readKeyFile } from "../../runtime/key-file.js";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "posthorn-key-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

test("the key of a data folder is made once, for its owner's eyes only, and is the same at each start", async () => {
  const folder = join(dataDir, "new");
  expect(await readKeyFile(folder)).toBeNull();
  const made = await createKeyFile(folder);
  expect((await stat(keyFileIn(folder))).mode & 0o777).toBe(0o600);
  expect((await readKeyFile(folder))?.activeKid).toBe(made.activeKid);
});

test("a key that exists is never overwritten, also when several processes make one at once", async () => {
  const rings = await Promise.all(Array.from({ length: 5 }, () => createKeyFile(dataDir).catch(() => null)));
  const text = await readFile(keyFileIn(dataDir), "utf8");
  expect(text).toMatch(/^[a-z0-9-]+:\S{44}\n$/);
  for (const ring of rings) if (ring !== null) expect(text).toContain(ring.activeKid);
  await createKeyFile(dataDir);
  expect(await readFile(keyFileIn(dataDir), "utf8")).toBe(text);
});

test("a file without a key is an error that names the file and repeats nothing of it", async () => {
  await writeFile(keyFileIn(dataDir), "main:c2hvcnQ=\n");
  const refused = await readKeyFile(dataDir).then(
    () => "",
    (error: unknown) => String(error),
  );
  expect(refused).toContain(keyFileIn(dataDir));
  expect(refused).toContain("the key has 5 bytes, not 32");
  expect(refused).not.toContain("c2hvcnQ");
});

test("a file that cannot be read is no reason to make another one", async () => {
  // Refused for everybody, also where tests run with all rights.
  await mkdir(keyFileIn(dataDir));
  await expect(readKeyFile(dataDir)).rejects.toThrow(/EISDIR/);
});
