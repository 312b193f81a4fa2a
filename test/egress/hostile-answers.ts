import { gzipSync } from "node:zlib";
import type { OutgoingRequest, SendResult } from "../../core/ports.js";
import type { Misbehaviour } from "../support/hostile-receiver.js";
import {
  interrupts,
  neverReads,
  pours,
  resets,
  says,
  saysAndEnds,
  saysAndResets,
} from "../support/hostile-receiver.js";

/** A receiver that misbehaves after it has read the request, and what must come of it. */
export interface HostileRow {
  does: string;
  serve: Misbehaviour;
  result: Partial<SendResult>;
  /** @default 200 */
  bodyMsMax?: number;
  /** Most characters that may be stored. @default 16384 */
  bodyCharsMax?: number;
  request?: Partial<OutgoingRequest>;
}

/** Deadline of rows that end only by it. */
const SOON_MS = 1_000;

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const BOMB = gzipSync("a".repeat(10_000_000)).toString("latin1");

/** The head of an empty answer with so many fields, `content-length` included. */
const withFields = (count: number, name: (at: number) => string) =>
  `${OK}${Array.from({ length: count - 1 }, (_, at) => `${name(at)}: 1\r\n`).join("")}content-length: 0\r\n\r\n`;

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
    serve: neverReads,
    request: { timeoutMs: SOON_MS, payload: Buffer.alloc(20_000_000) },
    result: { outcome: "timeout.headers", statusCode: null },
  },
  {
    does: "resets the connection",
    serve: resets,
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
    does: "sends 102 until the deadline, but seldom",
    serve: pours("", "HTTP/1.1 102 Processing\r\n\r\n", 300),
    request: { timeoutMs: SOON_MS },
    result: { outcome: "timeout.headers", statusCode: null },
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
    does: "promises 10 GB and sends them as fast as they are read",
    serve: pours(`${OK}content-length: 10000000000\r\n\r\n`, "x".repeat(65_536)),
    result: { outcome: "ok", statusCode: 200, responseBody: "x".repeat(16_384), responseTruncated: true },
  },
  {
    does: "sends 10 MB as a few KiB of gzip",
    serve: says(`${OK}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n${BOMB}`),
    // A byte that is no UTF-8 becomes one replacement at most.
    result: { outcome: "ok", statusCode: 200, responseTruncated: false },
    bodyCharsMax: BOMB.length,
  },
  {
    does: "ends in the middle of its body",
    serve: saysAndEnds(`${OK}content-length: 5\r\n\r\nab`),
    result: { outcome: "ok", statusCode: 200, responseBody: "ab", responseTruncated: true },
  },
  {
    does: "resets in the middle of its body",
    serve: saysAndResets(`${OK}content-length: 5\r\n\r\nab`),
    bodyMsMax: 10_000,
    result: { outcome: "ok", statusCode: 200, responseBody: "ab", responseTruncated: true },
  },
  {
    does: "sends more than it promised",
    serve: says(`${OK}content-length: 2\r\n\r\nabcdef`),
    result: { outcome: "ok", statusCode: 200, responseBody: "ab" },
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
    does: "sends thousands of tiny fields",
    serve: says(withFields(2_000, (at) => at.toString(36))),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends 129 fields",
    serve: says(withFields(129, (at) => `x-${at}`)),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends one field 129 times",
    serve: says(withFields(129, () => "x")),
    result: { outcome: "protocol", statusCode: null },
  },
  {
    does: "sends 128 fields",
    serve: says(withFields(128, (at) => `x-${at}`)),
    result: { outcome: "ok", statusCode: 200 },
  },
  {
    does: "sends a field of 15 KiB",
    serve: says(`${OK}x: ${"y".repeat(15_000)}\r\ncontent-length: 0\r\n\r\n`),
    result: { outcome: "ok", statusCode: 200 },
  },
  {
    does: "sends a field of 17 KiB",
    serve: says(`${OK}x: ${"y".repeat(17_000)}\r\ncontent-length: 0\r\n\r\n`),
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
    does: "ends its lines with a bare LF",
    serve: says("HTTP/1.1 200 OK\ncontent-length: 0\n\n"),
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
    serve: interrupts("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
    request: { payload: Buffer.alloc(2_000_000) },
    result: { outcome: "http.413", statusCode: 413 },
  },
  {
    does: "answers with status 600",
    serve: says("HTTP/1.1 600 Odd\r\ncontent-length: 0\r\n\r\n"),
    result: { outcome: "http.600", statusCode: 600 },
  },
  {
    does: "answers with status 999",
    serve: says("HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"),
    result: { outcome: "http.999", statusCode: 999 },
  },
  {
    does: "fails and drips its reasons",
    serve: pours("HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n", 20),
    result: { outcome: "http.500", statusCode: 500, responseTruncated: true },
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
