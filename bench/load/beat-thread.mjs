/** The thread of `beat.ts`; plain JavaScript, because the loader of TypeScript does not reach into threads. */
import { hrtime } from "node:process";
import { parentPort, workerData } from "node:worker_threads";

/** As that of `clock.ts`. */
function nowMs() {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

const { firstMs, everyMs, count } = workerData;
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
for (let at = 0; at < count; at += 1) {
  const waitMs = firstMs + at * everyMs - nowMs();
  if (waitMs > 0) Atomics.wait(never, 0, 0, waitMs);
  parentPort?.postMessage(at);
}
