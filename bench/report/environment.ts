/** Where numbers come from: without that they say nothing. */
import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { promisify } from "node:util";

const BYTES_PER_GIB = 1_073_741_824;
/** Magic numbers of Linux; on `tmpfs` nothing is written to a disk, and durable writes cost nothing. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0x01021994: "tmpfs",
  0xef53: "ext4",
  0x9123683e: "btrfs",
  0x58465342: "xfs",
  0x794c7630: "overlayfs",
};
const run = promisify(execFile);

export async function environment(root: string, dataDir: string): Promise<Record<string, string>> {
  const processors = cpus();
  return {
    node: process.version,
    system: `${type()} ${release()}`,
    processor: processors[0]?.model ?? "unknown",
    cores: String(processors.length),
    memory: `${(totalmem() / BYTES_PER_GIB).toFixed(1)} GiB`,
    loadBefore: loadavg()
      .map((it) => it.toFixed(2))
      .join(" "),
    fileSystem: await fileSystemOf(dataDir),
    commit: await gitCommit(root),
  };
}

async function fileSystemOf(folder: string): Promise<string> {
  const magic = (await statfs(folder)).type;
  return FILE_SYSTEMS[magic] ?? `0x${magic.toString(16)}`;
}

/** With a mark if the checkout has changes. */
async function gitCommit(root: string): Promise<string> {
  try {
    const { stdout } = await run("git", ["describe", "--always", "--dirty", "--abbrev=12"], { cwd: root });
    return stdout.trim();
  } catch {
    return "unknown";
  }
}
