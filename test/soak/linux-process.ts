/** What Linux says about another process: memory, processor time, file descriptors, and whom its sockets are connected to. */
import { readdir, readFile, readlink } from "node:fs/promises";

export interface SocketPeers {
  /** Ports of receivers, hostile ones included. */
  receivers: ReadonlySet<number>;
  mongodb: number;
  temporal: number;
  /** The process's own port, where its callers connect. */
  api: number;
}

export interface Descriptors {
  /** All open file descriptors. */
  all: number;
  sockets: number;
  /** By whom they are connected to; `other`: no TCP, listening, or unknown. */
  toReceivers: number;
  toMongodb: number;
  toTemporal: number;
  fromCallers: number;
  other: number;
}

const MIB = 1024 * 1024;
/** Of `/proc/<pid>/stat`: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kib === undefined) throw new Error("the process has ended");
  return (Number(kib) * 1024) / MIB;
}

/** Processor time that the process has used so far. */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in the second field may have spaces; the rest does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Seconds that the processors of this machine have been busy and have existed, added up over all of them. */
export async function machineSeconds(): Promise<{ busy: number; all: number }> {
  const [line = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, it) => sum + it, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: (all - idle) / TICKS_PER_SECOND, all: all / TICKS_PER_SECOND };
}

export async function descriptorsOf(pid: number, peers: SocketPeers): Promise<Descriptors> {
  const inodes = new Set<string>();
  const names = await readdir(`/proc/${pid}/fd`);
  for (const name of names) {
    // One that was closed meanwhile is not open.
    const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  const counts = { toReceivers: 0, toMongodb: 0, toTemporal: 0, fromCallers: 0, other: 0 };
  const tables = await Promise.all(["tcp", "tcp6"].map((it) => readFile(`/proc/${pid}/net/${it}`, "utf8")));
  const known = new Map(tables.flatMap((it) => it.split("\n").slice(1)).map(connectionOf));
  for (const inode of inodes) counts[groupOf(known.get(inode), peers)] += 1;
  return { all: names.length, sockets: inodes.size, ...counts };
}

interface Connection {
  localPort: number;
  remotePort: number;
}

function connectionOf(line: string): [inode: string, Connection] {
  const fields = line.trim().split(/\s+/);
  const portOf = (address = "") => Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16);
  return [fields[9] ?? "", { localPort: portOf(fields[1]), remotePort: portOf(fields[2]) }];
}

function groupOf(connection: Connection | undefined, peers: SocketPeers) {
  if (connection === undefined || connection.remotePort === 0) return "other";
  if (peers.receivers.has(connection.remotePort)) return "toReceivers";
  if (connection.remotePort === peers.mongodb) return "toMongodb";
  if (connection.remotePort === peers.temporal) return "toTemporal";
  return connection.localPort === peers.api ? "fromCallers" : "other";
}
