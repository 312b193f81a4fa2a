/** The API on a real socket, over the in-memory ports. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createApiListener } from "../../api/app.js";
import type { ApiDeps } from "../../api/deps.js";
import { createApiKey } from "../../api/keys/api-key.js";
import type { ApiKey } from "../../core/model.js";
import { createMemoryPorts } from "./memory-ports.js";
import type { MemoryPorts } from "./memory-ports.js";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; `null` where there is none. */
  body: unknown;
  /** What stands at a place of the body such as `data.0.id`; `undefined` if nothing does. */
  at(place: string): unknown;
  /** The same where it must be a text. */
  textAt(place: string): string;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array;
  key?: string;
  headers?: Record<string, string>;
}

type KeyOptions = Partial<Pick<ApiKey, "scopes" | "expiresAt" | "rateLimitPerSecond">>;

export interface ApiServer extends MemoryPorts {
  url: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Makes a key of an application, or an admin key. */
  keyFor(applicationId: string | null, bounds?: KeyOptions): string;
  close(): Promise<void>;
}

function answerOf(response: Response, text: string, body: unknown): Answer {
  const at = (place: string): unknown =>
    place.split(".").reduce<unknown>((value, name) => {
      const inner: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
      return inner;
    }, body);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    at,
    textAt: (place) => {
      const found = at(place);
      if (typeof found !== "string") throw new Error(`no text at ${place} of ${text.slice(0, 500)}`);
      return found;
    },
  };
}

export async function startApi(
  config: Partial<ApiDeps["config"]> = {},
  change: (ports: MemoryPorts) => void = () => undefined,
): Promise<ApiServer> {
  const ports = createMemoryPorts(config);
  change(ports);
  const server = createServer(createApiListener(ports.deps));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has one
  return {
    ...ports,
    url,
    call: async (method, path, options = {}) => {
      const json = options.body === undefined ? undefined : JSON.stringify(options.body);
      const body = options.raw ?? json;
      const response = await fetch(url + path, {
        method,
        redirect: "manual",
        headers: {
          ...(json !== undefined && { "content-type": "application/json" }),
          ...(options.key !== undefined && { authorization: `Bearer ${options.key}` }),
          ...options.headers,
        },
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
      const parsed: unknown = isJson ? JSON.parse(text) : null;
      return answerOf(response, text, parsed);
    },
    keyFor: (applicationId, bounds = {}) => {
      const key = createApiKey({ name: "test", applicationId, ...bounds, now: new Date(), randomBytes });
      ports.state.apiKeys.set(key.row.id, key.row);
      return key.text.reveal();
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
