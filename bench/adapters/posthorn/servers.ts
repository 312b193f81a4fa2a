/** Temporal and MongoDB (or its stand-in) from the embedded stack, on free ports. */
import { SEARCH_ATTRIBUTES } from "../../../core/search-attributes.js";
import { startStack } from "../../../runtime/stack/index.js";
import type { Cleanup } from "../../cleanup.js";
import type { ProcessGroup } from "../../measure/processes.js";

export interface Servers {
  mongodbUri: string;
  temporalAddress: string;
  processes: readonly ProcessGroup[];
  facts: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startServers(
  dataDir: string,
  cleanup: Cleanup,
  report: (line: string) => void,
): Promise<Servers> {
  const stack = await startStack({
    dataDir,
    temporalPort: 0,
    mongodbPort: 0,
    headless: true,
    searchAttributes: [...SEARCH_ATTRIBUTES],
    // Every scenario begins with new servers; what they are is in the facts.
    report: () => undefined,
    onExit: ({ server, code, signal }) => report(`${server} ended unexpectedly: ${code ?? signal ?? "unknown"}`),
  });
  const stop = cleanup.add("Temporal and MongoDB", () => stack.stop());
  const pidsOf = (pid: number | undefined): number[] => (pid === undefined ? [] : [pid]);
  return {
    mongodbUri: stack.mongodbUri,
    temporalAddress: stack.temporalAddress,
    processes: [
      { name: "temporal", pids: pidsOf(stack.temporal.server?.pid) },
      { name: "mongodb", pids: pidsOf(stack.mongo.server?.pid) },
    ],
    facts: { temporal: stack.temporal.description, mongodb: stack.mongo.description },
    stop,
  };
}
