import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, spelled and ordered as they came. */
  rawHeaders: string[];
  /** The bytes as they came. */
  body: Buffer;
  /** When the last byte had come, in ms since 1970. */
  receivedAt: number;
}

/** `hang`: never answer. `reset`: end the connection without an answer. */
export type Answer =
  | { status?: number; headers?: Record<string, string>; body?: string | Uint8Array; delayMs?: number }
  | "hang"
  | "reset";

export type Respond = (request: ReceivedRequest, index: number) => Answer | Promise<Answer>;

export interface Receiver {
  /** `http://127.0.0.1:<port>/hook` */
  readonly url: string;
  readonly port: number;
  /** Complete requests, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Replaces the script for the requests that come from now on. */
  answer(respond: Respond): void;
  /** The requests, as soon as there are at least `count`. @throws Error after `timeoutMs` */
  waitFor(count: number, timeoutMs?: number): Promise<readonly ReceivedRequest[]>;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  /** @default 204 to everything */
  respond?: Respond;
  /** To come back at the port of a receiver that was closed. @default any free one */
  port?: number;
}

const WAIT_MS = 15_000;

async function read(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    method: message.method ?? "",
    path: message.url ?? "",
    headers: message.headers,
    rawHeaders: message.rawHeaders,
    body: Buffer.concat(chunks),
    receivedAt: Date.now(),
  };
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === "hang") return;
  if (answer === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const send = () => response.writeHead(answer.status ?? 204, answer.headers ?? {}).end(answer.body);
  if (answer.delayMs === undefined) send();
  else setTimeout(send, answer.delayMs);
}

/** A real HTTP server on 127.0.0.1 that records what comes and answers by a script. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  let respond = options.respond ?? (() => ({ status: 204 }));
  const requests: ReceivedRequest[] = [];
  const arrivals = new Set<() => void>();

  const listener: RequestListener = (message, response) => {
    read(message)
      .then(async (request) => {
        const index = requests.push(request) - 1;
        for (const arrived of arrivals) arrived();
        reply(response, await respond(request, index));
      })
      // The sender went away in the middle, which is what some tests are about.
      .catch(() => response.destroy());
  };
  const server = createServer(listener);
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    requests,
    answer: (next) => {
      respond = next;
    },
    waitFor: (count, timeoutMs = WAIT_MS) =>
      new Promise((resolve, reject) => {
        const settle = (how: () => void) => {
          clearTimeout(timer);
          arrivals.delete(arrived);
          how();
        };
        const arrived = () => {
          if (requests.length >= count) settle(() => resolve(requests));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`${requests.length} of ${count} requests came in ${timeoutMs} ms`))),
          timeoutMs,
        );
        arrivals.add(arrived);
        arrived();
      }),
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
