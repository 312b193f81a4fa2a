/** `posthorn listen`: a receiver for trying things out; it verifies and prints what arrives. */
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { styleText } from "node:util";
import { verifyWebhook } from "../../client/verify.js";
import { fail, say } from "./print.js";
import { isPortTaken } from "./connections.js";
import { untilSignal } from "./until-signal.js";

export interface ListenOptions {
  secret: string[];
  fail: number;
}

const BODY_BYTES_MAX = 6 * 1024 * 1024;
const SHOWN_CHARS_MAX = 2_000;

/** Answers 500 to the first `fail` requests and 200 to the others; 401 where no secret verifies. */
export async function listen(port: number, options: ListenOptions): Promise<void> {
  let count = 0;
  const server = createServer((request, response) => {
    void read(request).then(
      (body) => {
        count += 1;
        const verdict = verify(request, body, options.secret);
        const status = count <= options.fail ? 500 : verdict.ok ? 200 : 401;
        print(request, body, { count, status, verdict: verdict.text });
        response.writeHead(status).end();
      },
      () => response.writeHead(413).end(),
    );
  });
  server.on("error", (error) => fail(isPortTaken(error) ? `port ${port} is taken` : error.message));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  say(`listening on http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
  await untilSignal(() => undefined);
  server.close();
  server.closeAllConnections();
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array); // an HTTP request without an encoding yields bytes
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new Error("too large");
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function verify(request: IncomingMessage, body: Buffer, secrets: string[]): { ok: boolean; text: string } {
  if (secrets.length === 0) return { ok: true, text: "not verified: no --secret" };
  try {
    verifyWebhook({ payload: body, headers: request.headers, secrets });
    return { ok: true, text: "signature verified" };
  } catch (error) {
    return { ok: false, text: `signature refused: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function print(
  request: IncomingMessage,
  body: Buffer,
  answer: { count: number; status: number; verdict: string },
): void {
  const id = request.headers["webhook-id"] ?? request.headers["svix-id"] ?? "no id";
  const colour = answer.status === 200 ? "green" : "yellow";
  say(
    `${new Date().toISOString()}  #${answer.count}  ${String(id)}  ${request.method ?? ""} ${request.url ?? ""}  ` +
      `${styleText(colour, `answered ${answer.status}`)}  ${answer.verdict}`,
  );
  const text = body.toString("utf8");
  say(`  ${text.slice(0, SHOWN_CHARS_MAX)}${text.length > SHOWN_CHARS_MAX ? ` … ${body.length} bytes` : ""}`);
}
