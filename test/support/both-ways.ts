/** One API twice: with the short way of publishing and without it. The same requests must have the same effect. */
import { randomBytes } from "node:crypto";
import { createApiApp, createApiListener } from "../../api/app.js";
import type { ApiDeps } from "../../api/deps.js";
import { createApiKey } from "../../api/keys/api-key.js";
import type { ApiKey } from "../../core/model.js";
import { closeServer, listen, urlOf } from "../../runtime/http-server.js";
import { createMemoryPorts } from "./memory-ports.js";
import type { MemoryPorts } from "./memory-ports.js";
import { Wire } from "./wire.js";

const HOST = "127.0.0.1";

/** Of whose key: `null` is an admin's. */
export type KeyBounds = Partial<Pick<ApiKey, "scopes" | "expiresAt" | "rateLimitPerSecond">> & {
  application: "default" | null;
};

interface Way extends MemoryPorts {
  url: string;
  close(): Promise<void>;
}

/** Without ids and times. */
export interface Seen {
  /** Of the first answer. */
  status: number | undefined;
  /** Everything that came back on the connection. */
  text: string;
  /** What was done and said on the way. */
  effects: object;
}

export interface BothWays {
  short: Way;
  long: Way;
  /** Sends a whole connection; `<name>` in it is that key. */
  ask(text: string): Promise<{ short: Seen; long: Seen }>;
  askShort(text: string): Promise<Seen>;
  close(): Promise<void>;
}

export async function openBothWays(
  bounds: Record<string, KeyBounds>,
  config: Partial<ApiDeps["config"]>,
): Promise<BothWays> {
  const now = new Date();
  const made = Object.entries(bounds).map(([name, { application, ...rest }]) => {
    const applicationId = application === null ? null : "to be filled in";
    return { name, application, ...createApiKey({ name, applicationId, now, randomBytes, ...rest }) };
  });
  const open = async (create: typeof createApiListener): Promise<Way> => {
    const ports = createMemoryPorts({ openAccess: "closed", ...config });
    const own = [...ports.state.applications.values()].find((it) => it.uid === "default");
    for (const { row, application } of made) {
      ports.state.apiKeys.set(row.id, { ...row, applicationId: application === null ? null : (own?.id ?? null) });
    }
    const server = await listen(create(ports.deps), { host: HOST, port: 0 });
    return { ...ports, url: urlOf(server, HOST), close: () => closeServer(server) };
  };
  const short = await open(createApiListener);
  const long = await open((deps) => createApiApp(deps));
  const ask = async (way: Way, text: string): Promise<Seen> => {
    way.lines.length = 0;
    const wire = new Wire(way.url).write(
      made.reduce((it, { name, text: key }) => it.replaceAll(`<${name}>`, key.reveal()), text),
    );
    await wire.closed();
    return { status: wire.statuses[0], text: masked(wire.text), effects: effectsOf(way) };
  };
  return {
    short,
    long,
    ask: async (text) => ({ short: await ask(short, text), long: await ask(long, text) }),
    askShort: (text) => ask(short, text),
    close: async () => {
      await Promise.all([short.close(), long.close()]);
    },
  };
}

function effectsOf({ lines, state, accepted, refused, headStarts, engine }: Way): object {
  return {
    lines: lines.map(({ level, message, fields, cause }) =>
      masked(JSON.stringify([level, message, fields, chainOf(cause)])),
    ),
    events: masked(JSON.stringify([...state.events.values()])),
    keys: [...state.apiKeys.values()].map((it) => [it.name, it.lastUsedAt !== null]),
    counts: [state.census(), accepted.count, refused.count, headStarts.begun.length, engine.dispatched.length],
  };
}

/** An error and what caused it; tRPC's wrapping says nothing. */
function chainOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [...(error.name === "TRPCError" ? [] : [`${error.name}: ${error.message}`]), ...chainOf(error.cause)];
}

function masked(text: string): string {
  return text
    .replaceAll(/req_[0-9a-f]{32}/g, "req_…")
    .replaceAll(/\b(msg|app)_[0-9A-Za-z]{27}/g, "$1_…")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replaceAll(/^Date: .*$/gm, "Date: …");
}
