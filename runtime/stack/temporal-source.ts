import { join } from "node:path";
import { cachedFolder, hashOfFiles, provision } from "./cache.js";
import { packageRoot } from "./package-root.js";
import { withProgress } from "./report.js";
import type { Report } from "./report.js";
import { runTool } from "./run-tool.js";
import { reasonOf, StackError } from "./stack-error.js";
import { downloadTemporal } from "./temporal-download.js";
import { findOnPath } from "./which.js";

/** A program that runs `server start-dev`, and where it came from in a few words. */
export interface TemporalProgram {
  path: string;
  description: string;
}

/** The release of Temporal's command line that tools/temporal pins and that is asked for when downloading. */
const TEMPORAL_CLI_VERSION = "1.8.2";

const GO_MODULE = join(packageRoot, "tools", "temporal");
const BUILD_TIMEOUT_MS = 40 * 60_000;

/** The names of the cached results; the built one changes with what is pinned. */
export async function temporalCacheNames(): Promise<{ downloaded: string; built: string }> {
  const platform = `${process.platform}-${process.arch}`;
  const hash = await hashOfFiles([join(GO_MODULE, "go.mod"), join(GO_MODULE, "go.sum")]);
  return {
    downloaded: `temporal-${TEMPORAL_CLI_VERSION}-download-${platform}`,
    built: `temporal-${TEMPORAL_CLI_VERSION}-go-${hash}-${platform}`,
  };
}

/**
 * Finds or makes a Temporal dev server: on the search path, from the cache, downloaded, or built with Go (minutes, once).
 *
 * @throws StackError that lists what was tried, what answered and how to get a server.
 */
export async function provisionTemporal(options: { cacheDir: string; report: Report }): Promise<TemporalProgram> {
  const { cacheDir, report } = options;
  const onPath = await findOnPath("temporal");
  if (onPath !== undefined) return { path: onPath, description: `temporal on the search path (${onPath})` };
  const names = await temporalCacheNames();
  const downloaded = cachedFolder(cacheDir, names.downloaded);
  if (downloaded !== undefined) return fromDownload(downloaded);
  const built = cachedFolder(cacheDir, names.built);
  if (built !== undefined) return fromBuild(built);

  const tried = ["temporal is not on the search path"];
  try {
    return fromDownload(await download(cacheDir, names.downloaded, report));
  } catch (error) {
    tried.push(`download: ${reasonOf(error)}`);
    report(`Temporal: no download (${reasonOf(error)}); next choice: build it with Go`);
  }
  try {
    return fromBuild(await buildWithGo(cacheDir, names.built, report));
  } catch (error) {
    tried.push(`build with Go: ${error instanceof Error ? error.message : reasonOf(error)}`);
  }
  throw new StackError(
    [
      "no Temporal server could be found or made:",
      ...tried.map((line) => `  - ${line}`),
      "  any one of these helps: point TEMPORAL_ADDRESS at a running server;",
      "  install Temporal's command line (https://docs.temporal.io/cli) so that `temporal` is on the search path;",
      "  install Go 1.26 or later (https://go.dev/dl/) with access to a Go module proxy",
    ].join("\n"),
  );
}

function fromDownload(folder: string): TemporalProgram {
  return { path: join(folder, "temporal"), description: `Temporal's own download, ${TEMPORAL_CLI_VERSION}` };
}

function fromBuild(folder: string): TemporalProgram {
  return { path: join(folder, "temporal"), description: `built with Go from tools/temporal, ${TEMPORAL_CLI_VERSION}` };
}

function download(cacheDir: string, name: string, report: Report): Promise<string> {
  const what = { artifact: "cli", version: `v${TEMPORAL_CLI_VERSION}` } as const;
  return provision({
    cacheDir,
    name,
    report,
    build: (folder) =>
      withProgress(report, "downloading the Temporal dev server", async () => {
        await downloadTemporal(what, folder, "temporal");
      }),
  });
}

async function buildWithGo(cacheDir: string, name: string, report: Report): Promise<string> {
  const go = await findOnPath("go");
  if (go === undefined) throw new StackError("go is not on the search path");
  const version = `-X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_CLI_VERSION}`;
  return provision({
    cacheDir,
    name,
    report,
    build: (folder) =>
      withProgress(report, "building the Temporal dev server with Go, about 6 minutes on two cores, once", async () => {
        const flags = ["-trimpath", "-buildvcs=false", "-ldflags", `-s -w ${version}`, "-o", join(folder, "temporal")];
        const args = ["build", ...flags, "github.com/temporalio/cli/cmd/temporal"];
        await runTool({ command: go, args, cwd: GO_MODULE, timeoutMs: BUILD_TIMEOUT_MS });
      }),
  });
}
