/** The hostile receivers of a soak: one of each kind, from those that the tests of `egress/` know, where they run for long. */
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Misbehaviour } from "../support/hostile-receiver.js";
import {
  neverReads,
  pours,
  repeats,
  resets,
  says,
  saysAndEnds,
  saysAndResets,
  writesAtOnce,
} from "../support/hostile-receiver.js";

export interface HostileKind {
  name: string;
  /** `refuses` and `accepts-slowly` are about connections, not about answers. */
  serve: Misbehaviour | "refuses" | "accepts-slowly";
  /** @default http */
  scheme?: "http" | "https";
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const BOMB = gzipSync("a".repeat(10_000_000)).toString("latin1");

/** In an order in which the first few are as different from each other as possible. */
export const HOSTILE_KINDS: readonly HostileKind[] = [
  { name: "never answers", serve: says() },
  { name: "refuses connections", serve: "refuses" },
  { name: "body without end", serve: pours(CHUNKED, `1000\r\n${"x".repeat(4096)}\r\n`) },
  { name: "resets", serve: resets },
  { name: "head without end", serve: pours(OK, `x-h: ${"y".repeat(1000)}\r\n`) },
  { name: "answers 500", serve: repeats("HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno") },
  { name: "drips its head", serve: pours(OK, "x", 50) },
  { name: "accepts slowly", serve: "accepts-slowly" },
  { name: "drips its body", serve: pours(CHUNKED, "1\r\nx\r\n", 50) },
  { name: "flood of 102", serve: pours("", "HTTP/1.1 102 Processing\r\n\r\n") },
  { name: "resets in its body", serve: saysAndResets(`${OK}content-length: 5\r\n\r\nab`) },
  { name: "answers 429", serve: repeats("HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n") },
  { name: "redirects to itself", serve: repeats("HTTP/1.1 302 Found\r\nlocation: /hook\r\ncontent-length: 0\r\n\r\n") },
  {
    name: "gzip bomb",
    serve: repeats(`${OK}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n${BOMB}`),
  },
  { name: "no TLS behind https", serve: writesAtOnce(randomBytes(4096).toString("latin1")), scheme: "https" },
  { name: "less than it promised", serve: saysAndEnds(`${OK}content-length: 5\r\n\r\nab`) },
  { name: "never reads", serve: neverReads },
  { name: "resets after its answer", serve: saysAndResets(`${OK}content-length: 0\r\n\r\n`) },
];
