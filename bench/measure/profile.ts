/** Reads `.cpuprofile` files of V8: which functions the time went to, and whose they are. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";

const callFrame = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });
const cpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame })),
  /** µs of the clock that `nowMs` reads. */
  startTime: z.number(),
  samples: z.array(z.number()),
  /** µs before each sample. */
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof cpuProfile>;
type CallFrame = z.infer<typeof callFrame>;

export interface SelfTime {
  name: string;
  ms: number;
  /** Of the time in which the thread was not idle. */
  share: number;
}

export interface ProfileSummary {
  file: string;
  /** Time in which the thread did something. */
  busyMs: number;
  /** By whose code it was, all of it. */
  owners: SelfTime[];
  /** The functions with the most time of their own. */
  functions: SelfTime[];
}

/** What is measured, in ms of `nowMs`. */
export interface Window {
  fromMs: number;
  untilMs: number;
}

const IDLE = "(idle)";

export async function readProfile(path: string, window: Window, top: number): Promise<ProfileSummary> {
  return {
    file: basename(path),
    ...summarizeProfile(cpuProfile.parse(JSON.parse(await readFile(path, "utf8"))), window, top),
  };
}

/** A sample stands for the time until the next one. */
export function summarizeProfile(profile: CpuProfile, window: Window, top: number): Omit<ProfileSummary, "file"> {
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const owners = new Map<string, number>();
  let busyMs = 0;
  let atUs = profile.startTime;
  profile.samples.forEach((nodeId, index) => {
    atUs += profile.timeDeltas[index] ?? 0;
    const frame = frames.get(nodeId);
    const ms = Math.max(0, profile.timeDeltas[index + 1] ?? 0) / 1_000;
    const atMs = atUs / 1_000;
    if (frame === undefined || frame.functionName === IDLE || atMs < window.fromMs || atMs > window.untilMs) return;
    busyMs += ms;
    const owner = ownerOf(frame);
    add(owners, owner, ms);
    add(functions, `${frame.functionName === "" ? "(anonymous)" : frame.functionName}  ${placeOf(frame, owner)}`, ms);
  });
  return { busyMs, owners: ranked(owners, busyMs, top), functions: ranked(functions, busyMs, top) };
}

/** A package, `posthorn/<folder>`, a part of Node such as `node http`, or what V8 itself did. */
export function ownerOf({ functionName, url }: CallFrame): string {
  if (url === "") return functionName.startsWith("(") ? functionName : "V8 and native code";
  if (url.startsWith("node:")) return `node ${url.replace(/^node:(internal\/)?_?/, "").split(/[/_]/)[0] ?? ""}`;
  const parts = url.split("/node_modules/");
  const inside = parts.length > 1 ? parts.at(-1) : undefined;
  if (inside !== undefined)
    return inside
      .split("/")
      .slice(0, inside.startsWith("@") ? 2 : 1)
      .join("/");
  const own = /\/dist\/([\w-]+)[/.]/.exec(url)?.[1];
  return own === undefined ? "other files" : `posthorn/${own}`;
}

function placeOf({ url, lineNumber }: CallFrame, owner: string): string {
  if (url === "") return owner;
  return `${owner} ${(url.split("/").at(-1) ?? "").replace(/^node:/, "")}:${lineNumber + 1}`;
}

function add(to: Map<string, number>, name: string, ms: number): void {
  to.set(name, (to.get(name) ?? 0) + ms);
}

function ranked(times: ReadonlyMap<string, number>, busyMs: number, top: number): SelfTime[] {
  return [...times]
    .map(([name, ms]) => ({ name, ms, share: busyMs === 0 ? 0 : ms / busyMs }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, top);
}
