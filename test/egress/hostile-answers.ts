import type { Socket } from "node:net";
import type { OutgoingRequest, SendResult } from "../../core/ports.js";
import type { RawConnection } from "../support/raw-receiver.js";

/** A receiver that misbehaves after it has read the request, and what must come of it. */
export interface HostileRow {
  does: string;
  serve: (connection: RawConnection) => Promise<void>;
  result: Partial<SendResult>;
  /** @default 200 */
  bodyMsMax?: number;
  request?: Partial<OutgoingRequest>;
}

/** Deadline of rows that end only by it. */
const SOON_MS = 1_000;

const says =
  (...texts: string[]) =>
  async ({ socket, request }: RawConnection) => {
    await request();
    for (const text of texts) socket.write(text, "latin1");
  };

const saysAndEnds =
  (text: string) =>
  async ({ socket, request }: RawConnection) => {
    await request();
    socket.end(text, "latin1");
  };

/** Writes for as long as somebody reads. */
function pour(socket: Socket, chunk: string, everyMs = 0): void {
  const more = () => {
    if (socket.destroyed) return;
    if (!socket.write(chunk, "latin1")) socket.once("drain", more);
    else if (everyMs > 0) setTimeout(more, everyMs);
    else setImmediate(more);
  };
  more();
}

const pours =
  (head: string, chunk: string, everyMs = 0) =>
  async ({ socket, request }: RawConnection) => {
    await request();
    socket.write(head, "latin1");
    pour(socket, chunk, everyMs);
  };

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

export const HOSTILE_ROWS: readonly HostileRow[] = [
  // No answer.
  {
    does: "never answers",
    serve: says(),
    request: { timeoutMs: SOON_MS },
    result: { outcome: "timeout.headers", statusCode: null },
  },
  {
    does: "drips header bytes",
    serve: pours(OK, "x", 20),
    request: { timeoutMs: SOON_MS },
    result: { outcome: "timeout.headers", statusCode: null },
  },
  {
    does: "never reads a large request",
    serve: ({ socket }) => {
      socket.pause();
      return Promise.resolve();
    },
    request: { timeoutMs: SOON_MS, payload: Buffer.alloc(20_000_000) },
    result: { outcome: "timeout.headers", statusCode: null },
  },
  {
    does: "resets the connection",
    serve: async ({ socket, request }) => {
      await request();
      socket.resetAndDestroy();
    },
    result: { outcome: "connect.reset", statusCode: null },
  },
  { does: "ends the connection", serve: saysAndEnds(""), result: { outcome: "connect.reset", statusCode: null } },
  {
    does: "ends in the middle of its head",
    serve: saysAndEnds(`${OK}x: `),
    result: { outcome: "protocol", statusCode: null },
  },

  // 1xx answers.
  {
    does: "floods with 102",
    serve: pours("", "HTTP/1.1 102 Processing\r\n\r\n"),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends 103 slowly, without end",
    serve: pours("", "HTTP/1.1 103 Early Hints\r\n\r\n", 5),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends 103 before its answer",
    serve: says("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", `${OK}content-length: 2\r\n\r\nhi`),
    result: { outcome: "ok", statusCode: 200, responseBody: "hi", responseTruncated: false },
  },
  {
    does: "sends 100 unasked",
    serve: says("HTTP/1.1 100 Continue\r\n\r\n", `${OK}content-length: 0\r\n\r\n`),
    result: { outcome: "protocol" },
  },
  {
    does: "switches protocols unasked",
    serve: says("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
    result: { outcome: "protocol", statusCode: null },
  },

  // Success, then trouble: the head of the answer decides.
  {
    does: "hangs after its head",
    serve: says(`${OK}content-length: 5\r\n\r\n`),
    result: { outcome: "ok", statusCode: 200, responseBody: "", responseTruncated: true },
  },
  {
    does: "drips its body",
    serve: pours(CHUNKED, "1\r\nx\r\n", 20),
    result: { outcome: "ok", statusCode: 200, responseTruncated: true },
  },
  {
    does: "drips its body past the deadline of the request",
    serve: pours(CHUNKED, "1\r\nx\r\n", 20),
    request: { timeoutMs: 1_500 },
    bodyMsMax: 60_000,
    result: { outcome: "ok", statusCode: 200, responseTruncated: true },
  },
  {
    does: "sends a body without end",
    serve: pours(CHUNKED, `1000\r\n${"x".repeat(4096)}\r\n`),
    result: { outcome: "ok", statusCode: 200, responseBody: "x".repeat(16_384), responseTruncated: true },
  },
  {
    does: "ends in the middle of its body",
    serve: saysAndEnds(`${OK}content-length: 5\r\n\r\nab`),
    result: { outcome: "ok", statusCode: 200, responseBody: "ab", responseTruncated: true },
  },
  {
    does: "sends a broken chunk",
    serve: says(`${CHUNKED}2\r\nab\r\nzz\r\n`),
    result: { outcome: "ok", statusCode: 200, responseBody: "ab", responseTruncated: true },
  },
  {
    does: "sends trailers without end",
    serve: pours(`${CHUNKED}2\r\nab\r\n0\r\n`, `x-t: ${"y".repeat(1000)}\r\n`),
    result: { outcome: "ok", statusCode: 200, responseBody: "ab", responseTruncated: true },
  },
  {
    does: "sends a body with 204",
    serve: says("HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nhi"),
    result: { outcome: "ok", statusCode: 204 },
  },
  {
    does: "answers in HTTP/1.0 until it closes",
    serve: saysAndEnds("HTTP/1.0 200 OK\r\n\r\nhello"),
    result: { outcome: "ok", statusCode: 200, responseBody: "hello", responseTruncated: false },
  },

  // Answers that are none.
  {
    does: "sends a head without end",
    serve: pours(OK, `x-h: ${"y".repeat(1000)}\r\n`),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends both a length and chunks",
    serve: says(`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends two lengths",
    serve: says(`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nabc`),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends a negative length",
    serve: says(`${OK}content-length: -1\r\n\r\n`),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends NUL in a header",
    serve: says(`${OK}x: a\0b\r\n\r\n`),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "greets as SSH does",
    serve: says("SSH-2.0-OpenSSH_9.6\r\n"),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "answers in HTTP/0.9",
    serve: saysAndEnds("<html>hello</html>"),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "answers with status 99",
    serve: says("HTTP/1.1 99 Odd\r\ncontent-length: 0\r\n\r\n"),
    result: { outcome: "protocol", statusCode: null },
  },

  // Failures, told early or in a strange way.
  {
    does: "says 413 before it has read a large request, and ends",
    serve: ({ socket }) => {
      socket.end("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return Promise.resolve();
    },
    request: { payload: Buffer.alloc(2_000_000) },
    result: { outcome: "http.413", statusCode: 413 },
  },
  {
    does: "redirects to itself",
    serve: says("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"),
    result: { outcome: "redirect", statusCode: 302 },
  },
  {
    does: "sends two Retry-After",
    serve: says("HTTP/1.1 503 No\r\nretry-after: 1\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n"),
    result: { outcome: "http.503", retryAfter: null },
  },
];
