/** Waits for the end of a command that runs until it is told to stop. */

/** Resolves at the first SIGINT, SIGTERM or SIGHUP, after `tell`; the second ends the process at once. */
export function untilSignal(tell: (signal: NodeJS.Signals) => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (!first) process.exit(130);
        first = false;
        tell(signal);
        resolve(signal);
      });
    }
  });
}
