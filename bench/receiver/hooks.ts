/** The port that webhooks come to. It reads a request to its end, notes it and answers as its path is told to. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { nowMs } from "../clock.js";
import type { Recorder } from "./recorder.js";

/** Longer than any pause of a run: a connection that closes while it is used again would look like a failure. */
const KEEP_ALIVE_MS = 600_000;

/** `idHeader`, in lower case, carries the event's id. */
export function createHooks(recorder: Recorder, idHeader: string): Server {
  let nameless = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => {
      const header = request.headers[idHeader];
      answer(recorder, typeof header === "string" ? header : `nameless-${(nameless += 1)}`, request, response);
    });
    request.once("error", () => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  return server;
}

function answer(recorder: Recorder, id: string, request: IncomingMessage, response: ServerResponse): void {
  const arrivedAtMs = nowMs();
  const path = request.url ?? "/";
  const { hang = false, delayMs = 0, status = 204 } = recorder.behaviourOf(path);
  if (hang || status >= 300) recorder.failed(path);
  else recorder.delivered(path, id, arrivedAtMs);
  if (hang) {
    recorder.hung(path, () => response.destroy());
    return;
  }
  const end = (): void => void response.writeHead(status).end();
  if (delayMs === 0) end();
  else setTimeout(end, delayMs);
}
