/** The receiver process as the run sees it. */
import { z } from "zod";
import { startHelper } from "../child.js";
import type { Behaviour, Counts } from "./recorder.js";

const START_MS_MAX = 30_000;
const CALL_MS_MAX = 60_000;
const LOOPBACK = "127.0.0.1";

const started = z.object({ hooksPort: z.number(), controlPort: z.number() });
const counts = z.object({ delivered: z.number(), distinct: z.number(), failed: z.number() });
const arrivals = z.array(z.object({ path: z.string(), ids: z.array(z.string()), atMs: z.array(z.number()) }));

export interface ReceiverOptions {
  /** The name that the product reaches this machine by; `null`: it is this machine. */
  host: string | null;
  idHeader: string;
}

export interface Receiver {
  pid: number;
  /** A prefix of paths that nothing came to yet, with a slash at the end. */
  newPrefix(): string;
  /** What the product is told to post to. */
  urlOf(path: string): string;
  /** The same receiver, reached on this machine. */
  localUrlOf(path: string): string;
  behave(paths: readonly string[], behaviour: Behaviour): Promise<void>;
  counts(prefix: string): Promise<Counts>;
  /** When each id came first, by path; only requests that were answered with success. */
  arrivals(prefix: string): Promise<Map<string, Map<string, number>>>;
  forget(prefix: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startReceiver({ host, idHeader }: ReceiverOptions): Promise<Receiver> {
  const helper = startHelper("receiver/main.ts", [host === null ? LOOPBACK : "0.0.0.0", idHeader]);
  const { hooksPort, controlPort } = await helper.next((message) => started.safeParse(message).data, START_MS_MAX);
  const call = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://${LOOPBACK}:${controlPort}${path}`, {
      signal: AbortSignal.timeout(CALL_MS_MAX),
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the receiver refused ${path}: ${await response.text()}`);
    return response.json();
  };
  const ask = (what: string, prefix: string): Promise<unknown> => call(`/${what}?prefix=${encodeURIComponent(prefix)}`);
  let prefixes = 0;
  return {
    pid: helper.pid,
    newPrefix: () => `/${(prefixes += 1)}/`,
    urlOf: (path) => `http://${host ?? LOOPBACK}:${hooksPort}${path}`,
    localUrlOf: (path) => `http://${LOOPBACK}:${hooksPort}${path}`,
    behave: async (paths, behaviour) => {
      await call("/behave", { paths, behaviour });
    },
    counts: async (prefix) => counts.parse(await ask("counts", prefix)),
    arrivals: async (prefix) => {
      const logs = arrivals.parse(await ask("arrivals", prefix));
      return new Map(logs.map((log) => [log.path, new Map(log.ids.map((id, at) => [id, log.atMs[at] ?? 0]))]));
    },
    forget: async (prefix) => {
      await call("/forget", { prefix });
    },
    stop: () => helper.stop(),
  };
}
