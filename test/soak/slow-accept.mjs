/**
 * A thread with a server that takes new connections once in a while: between two looks its event loop stands still, and
 * with a queue of one, further connections are not even begun. What it takes, it answers. In JavaScript, since threads of
 * Node 20 do not take the loader for TypeScript over from their process.
 */
import { createServer } from "node:net";
import { setInterval } from "node:timers";
import { parentPort } from "node:worker_threads";

const REST_MS = 4_000;
const AWAKE_MS = 50;

let connections = 0;
const never = new Int32Array(new SharedArrayBuffer(4));
const server = createServer((socket) => {
  parentPort?.postMessage({ connections: ++connections });
  socket.on("error", () => {});
  socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  parentPort?.postMessage({ port: server.address().port });
  setInterval(() => Atomics.wait(never, 0, 0, REST_MS), AWAKE_MS);
});
