/** `posthorn listen`: a receiver for trying things out; it verifies, answers as it is told to, and prints what arrives. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { isPortTaken } from "./connections.js";
import { answerTo } from "./listen/answer.js";
import type { Answer } from "./listen/answer.js";
import { readMessage } from "./listen/message.js";
import type { Message } from "./listen/message.js";
import { problemOf } from "./listen/options.js";
import type { ListenOptions } from "./listen/options.js";
import { BODY_BYTES_MAX, readBody } from "./listen/read-body.js";
import { fail, say } from "./print.js";
import { untilSignal } from "./until-signal.js";

const SHOWN_CHARS_MAX = 2_000;
/** Those that wait for a delayed answer keep their bodies. */
const CONNECTIONS_MAX = 200;

/** Answers until a signal: `refuse` if given, else 500 to the first `fail` requests, 401 where no secret verifies, 200. */
export async function listen(port: number, options: ListenOptions): Promise<void> {
  const problem = problemOf(options);
  if (problem !== null) fail(problem);
  let count = 0;
  const server = createServer((request, response) => void receive(request, response, () => ++count, options));
  server.maxConnections = CONNECTIONS_MAX;
  server.on("error", (error) => fail(isPortTaken(error) ? `port ${port} is taken` : error.message));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  say(`listening on http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
  await untilSignal(() => undefined);
  server.close();
  server.closeAllConnections();
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  nextNumber: () => number,
  options: ListenOptions,
): Promise<void> {
  const result = await readBody(request);
  const number = nextNumber();
  const line = `${request.method ?? ""} ${request.url ?? ""}`;
  if (result.kind === "broken off") {
    say(`${now()}  #${number}  ${line}  broken off by the sender`);
    return;
  }
  if (result.kind === "too large") {
    response.writeHead(413, { connection: "close" }).end();
    say(`${now()}  #${number}  ${line}  answered 413: more than ${BODY_BYTES_MAX} bytes`);
    return;
  }
  const message = readMessage(request.headers, result.body, options);
  const answer = answerTo(message, number, options);
  const isSent = await waited(response, options.delay);
  if (isSent) send(response, answer);
  print(printable(`#${number}  ${message.id ?? "no id"}  ${line}`), result.body, { message, answer, isSent });
}

/** Whether the sender is still there after the delay; ends at once when it leaves. */
async function waited(response: ServerResponse, delayMs: number): Promise<boolean> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  if (delayMs > 0) await sleep(delayMs, undefined, { signal: gone.signal }).catch(() => undefined);
  return !gone.signal.aborted && !response.destroyed;
}

function send(response: ServerResponse, { status, json }: Answer): void {
  if (json === undefined) response.writeHead(status).end();
  else response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
}

function print(subject: string, body: Buffer, seen: { message: Message; answer: Answer; isSent: boolean }): void {
  const { message, answer, isSent } = seen;
  const isWell = isSent && answer.status >= 200 && answer.status <= 299;
  const words = isSent ? `answered ${answer.status}` : "not answered: the sender has left";
  const remark = isSent && answer.remark !== null ? `  ${answer.remark}` : "";
  const colour = isWell ? "green" : "yellow";
  say(`${now()}  ${subject}  ${styleText(colour, words)}  ${message.verdict}${remark}`);
  const text = body.toString("utf8");
  const more = text.length > SHOWN_CHARS_MAX ? ` … ${body.length} bytes` : "";
  say(`  ${printable(text.slice(0, SHOWN_CHARS_MAX))}${more}`);
}

/** What a stranger sends must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, "\u{FFFD}");
}

function now(): string {
  return new Date().toISOString();
}
