// Runs one server and makes sure that it does not outlive the process that asked for it.
//
//   node guard.mjs <grace in ms> <niceness> <command> [argument...]
//
// The asking process holds the other end of our standard input. However it ends (exit, crash, kill -9), the kernel closes
// that pipe: we read end-of-file, ask the server to stop, and after the grace period kill it. Descriptor 3 carries one JSON
// line with the server's own pid, so that its owner can address the server and not us. We and the
// server have so much more niceness than our owner. Plain JavaScript: needs no loader.
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import process from "node:process";
import { setTimeout } from "node:timers";

const [grace, niceness, command, ...args] = process.argv.slice(2);
try {
  if (Number(niceness) > 0) setPriority(Math.min(19, getPriority() + Number(niceness)));
} catch {
  // it runs as everything else does
}
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });

const tell = (message) => {
  try {
    writeSync(3, `${JSON.stringify(message)}\n`);
  } catch {
    // the owner is gone; the end of our standard input says so too
  }
};

let stopping = false;
const stop = (signal) => {
  if (!stopping) setTimeout(() => child.kill("SIGKILL"), Number(grace));
  stopping = true;
  child.kill(signal);
};

child.once("spawn", () => tell({ pid: child.pid }));
child.once("error", (error) => {
  tell({ error: error.message });
  process.exit(127);
});
child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

process.stdin.resume();
process.stdin.once("end", () => stop("SIGTERM"));
process.stdin.once("error", () => stop("SIGTERM"));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => stop(signal));
