import type { SearchAttribute } from "./search-attributes.js";

/**
 * Limits of the server that a single machine would meet first. The defaults protect a shared cluster; here one process talks
 * to one server. Keys and defaults: go.temporal.io/server/common/dynamicconfig/constants.go.
 */
const DYNAMIC_CONFIG: Readonly<Record<string, boolean | number>> = {
  "system.enableActivityEagerExecution": true,
  "system.enableEagerWorkflowStart": true,
  // the dev server reads its attributes anew for every request; ours are registered before it starts (a tenth less work)
  "system.forceSearchAttributesCacheRefreshOnRead": false,
  "frontend.rps": 20_000,
  "frontend.namespaceRPS": 20_000,
  "frontend.namespaceRPS.visibility": 200,
  "frontend.persistenceMaxQPS": 20_000,
  "history.rps": 30_000,
  "history.persistenceMaxQPS": 90_000,
  "matching.rps": 20_000,
  "matching.persistenceMaxQPS": 30_000,
  // one queue partition is enough for one machine, and keeps the order of a rate-limited queue
  "matching.numTaskqueueReadPartitions": 1,
  "matching.numTaskqueueWritePartitions": 1,
  // a batch of 200 events names them all in one search attribute: 2 KiB, the default, holds about 60
  "frontend.searchAttributesSizeOfValueLimit": 40_000,
  "frontend.searchAttributesTotalSizeLimit": 200_000,
};

/** Commits go to the write-ahead log; the file itself is synced at checkpoints, which survives any crash of a process. */
const SQLITE_PRAGMAS = ["journal_mode=WAL", "synchronous=NORMAL"];

export interface TemporalFlags {
  ip: string;
  port: number;
  /** Undefined: no Web UI. */
  uiPort: number | undefined;
  /** Of its API in JSON, and of its metrics. It picks ports that nobody knows of where these are not named. */
  httpPort: number;
  metricsPort: number;
  databaseFile: string;
  namespace: string;
  searchAttributes: readonly SearchAttribute[];
  logLevel: string;
}

/** The arguments of `temporal` that start the embedded server. */
export function temporalArguments(flags: TemporalFlags): string[] {
  const { ip, port, uiPort, httpPort, metricsPort, databaseFile, namespace, searchAttributes, logLevel } = flags;
  return [
    ...["server", "start-dev", "--ip", ip, "--port", String(port), "--db-filename", databaseFile],
    ...["--http-port", String(httpPort), "--metrics-port", String(metricsPort)],
    ...(uiPort === undefined
      ? ["--headless"]
      : ["--ui-ip", ip, "--ui-port", String(uiPort), "--ui-disable-news-fetch"]),
    ...(namespace === "default" ? [] : ["--namespace", namespace]),
    ...["--log-level", logLevel, "--log-format", "json", "--disable-config-file", "--disable-config-env"],
    ...SQLITE_PRAGMAS.flatMap((pragma) => ["--sqlite-pragma", pragma]),
    ...searchAttributes.flatMap(({ name, type }) => ["--search-attribute", `${name}=${type}`]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ["--dynamic-config-value", `${key}=${String(value)}`]),
  ];
}
