import type { Server } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiListener } from "../../api/app.js";
import { closeServer, listen, urlOf } from "../../runtime/http-server.js";
import { createMemoryPorts } from "../support/memory-ports.js";
import type { MemoryPorts } from "../support/memory-ports.js";
import { forgetAll } from "./fuzz-api.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileText, mutated } from "./texts.js";
import { Wire } from "../support/wire.js";

let ports: MemoryPorts;
let server: Server;
let url: string;
beforeAll(async () => {
  ports = createMemoryPorts();
  server = await listen(createApiListener(ports.deps), { host: "127.0.0.1", port: 0 });
  url = urlOf(server, "127.0.0.1");
  watchHeap(() => {
    forgetAll(ports);
  });
});
afterAll(() => closeServer(server));

const EVENT = '{"eventType":"a.b","payload":{}}';
const GET = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
const POST = `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`;

const VERSION = "GET /trpc/system.version HTTP/1.1\r\nHost: localhost\r\n\r\n";
const WHOLE = VERSION.replace("/trpc", "http://localhost/trpc");
const TRPC = POST.replace("/v1/events", "/trpc/events.publish");

/** Sends, says that this was all, and expects that the server ends it: with answers that are none of a fault. */
async function survives(bytes: string | Buffer): Promise<number[]> {
  ports.lines.length = 0;
  const wire = new Wire(url).write(bytes).finish();
  await wire.closed();
  expect(wire.statuses.filter((it) => it >= 500)).toEqual([]);
  expect(wire.text).not.toMatch(/\n\s+at |node:internal|node_modules/);
  expect(ports.lines.filter((it) => it.level === "error")).toEqual([]);
  return wire.statuses;
}

/** The next caller meets a server as if nothing had been. */
async function servesOn(): Promise<void> {
  const wire = new Wire(url).write(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  await wire.closed();
  expect(wire.statuses).toEqual([200]);
}

const head = fc.oneof(
  fc.tuple(hostileText, hostileText, hostileText).map((it) => it.join(" ")),
  mutated(
    fc.constantFrom("GET /v1/events HTTP/1.1", "POST /v1/events HTTP/1.1", "CONNECT a:1 HTTP/1.1", "PRI * HTTP/2.0"),
  ),
);
const header = fc.oneof(
  fc.tuple(hostileText, hostileText).map(([name, value]) => `${name}: ${value}`),
  mutated(
    fc.constantFrom(
      "Host: localhost",
      "Transfer-Encoding: chunked",
      "Content-Length: 5",
      "Connection: upgrade",
      "Upgrade: websocket",
      "Expect: 100-continue",
      "Content-Encoding: gzip",
    ),
  ),
);
const chunk = mutated(
  fc.constantFrom(
    "5\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nx",
    "-1\r\n\r\n",
    "0\r\nx: y\r\n\r\n",
    "5;a=b\r\nhello",
  ),
);

test("requests that are none are refused or hung up on", FUZZ_TIMEOUT, async () => {
  const message = fc
    .tuple(head, fc.array(header, { maxLength: 4 }), fc.oneof(chunk, fc.string(), fc.constant("")))
    .map(([line, headers, body]) => `${[line, ...headers].join("\r\n")}\r\n\r\n${body}`);
  await forCases(1_000, message, (text) => survives(Buffer.from(text)));
  await servesOn();
});

test("bytes that are no text are refused or hung up on", FUZZ_TIMEOUT, async () => {
  await forCases(300, fc.uint8Array({ maxLength: 400 }), (bytes) => survives(Buffer.from(bytes)));
  await servesOn();
});

test("a good request with something wrong in it harms nobody", FUZZ_TIMEOUT, async () => {
  await forCases(800, mutated(mutated(fc.constantFrom(GET, POST, TRPC, VERSION, WHOLE, POST + GET))), async (text) => {
    await survives(Buffer.from(text));
  });
  await servesOn();
});

test("garbage behind a good request does not take its answer away", FUZZ_TIMEOUT, async () => {
  await forCases(
    300,
    fc.oneof(
      hostileText.filter((it) => it !== ""),
      chunk,
    ),
    async (garbage) => {
      const [first] = await survives(Buffer.from(GET + garbage));
      // Both may come in one piece, and then the parser's refusal may overtake the answer.
      expect([200, 400]).toContain(first);
    },
  );
  await servesOn();
});

test("half a request, then the end, stores nothing", FUZZ_TIMEOUT, async () => {
  await forCases(200, fc.tuple(fc.constantFrom(POST, TRPC), fc.nat(POST.length - 1)), async ([request, length]) => {
    const stored = ports.state.events.size;
    await survives(request.slice(0, length));
    expect(ports.state.events.size).toBe(stored);
  });
  await servesOn();
});

test(
  "two lengths of one body are refused, so that nobody sees two requests where there is one",
  FUZZ_TIMEOUT,
  async () => {
    const encoding = fc.constantFrom(
      "chunked",
      "Chunked",
      " chunked",
      "chunked, identity",
      "identity, chunked",
      "xchunked",
    );
    const length = fc.constantFrom(
      "5",
      "0",
      "+5",
      "5, 6",
      "0x5",
      "99999999999999999999",
      "-1",
      "5\r\nContent-Length: 6",
    );
    await forCases(300, fc.tuple(encoding, length, fc.boolean()), async ([how, size, isSwapped]) => {
      const both = [`Transfer-Encoding: ${how}`, `Content-Length: ${size}`];
      const lines = isSwapped ? both.reverse() : both;
      const request = `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines.join("\r\n")}\r\n\r\n`;
      const stored = ports.state.events.size;
      const statuses = await survives(`${request}0\r\n\r\n${POST}`);
      expect(statuses.filter((it) => it < 400)).toEqual([]);
      expect(ports.state.events.size).toBe(stored);
    });
    await servesOn();
  },
);

test("a flood of headers, a length beyond all bounds and an endless line are refused", FUZZ_TIMEOUT, async () => {
  const start = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const flood = fc.tuple(
    fc.integer({ min: 101, max: 20_000 }),
    fc.constantFrom("x: y\r\n", "a:\r\n", "x-forwarded-for: 1\r\n"),
  );
  await forCases(60, flood, async ([count, line]) => {
    const [status] = await survives(`${start}${line.repeat(count)}\r\n`);
    expect([400, 431]).toContain(status);
  });
  const absurd = fc.constantFrom("1099511627776", "9007199254740993", "18446744073709551615", "1e9");
  await forCases(40, absurd, async (length) => {
    const [status] = await survives(`${start}Content-Length: ${length}\r\n\r\n{}`);
    expect([400, 413]).toContain(status);
  });
  await forCases(40, fc.integer({ min: 8_193, max: 60_000 }), async (length) => {
    const [status] = await survives(`GET /v1/events?text=${"x".repeat(length)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect([400, 431]).toContain(status);
  });
  await servesOn();
});

test("nothing of all this is kept in memory, and no connection is left", async () => {
  await expect
    .poll(() => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count))))
    .toBe(0);
  expectSameHeap();
});
