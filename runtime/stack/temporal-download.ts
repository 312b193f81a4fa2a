import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { get, saveTo } from "./download.js";
import { runTool } from "./run-tool.js";
import { StackError } from "./stack-error.js";

/** Programs that Temporal's download service offers and the SDK's test environments use. */
export interface TemporalArtifact {
  artifact: "cli" | "temporal-test-server";
  /** `default`, or a release such as `v1.8.2`. */
  version: string;
}

const EXTRACT_TIMEOUT_MS = 120_000;
const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { linux: "linux", darwin: "darwin" };
const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/**
 * Downloads one program the way the SDK does (ask the service which archive fits, fetch it, take one file out of it) into
 * `folder/<name>`. The SDK offers this only together with starting the server in its own way.
 *
 * @throws StackError with what answered, within seconds if the host is out of reach.
 */
export async function downloadTemporal(what: TemporalArtifact, folder: string, name: string): Promise<string> {
  const platform = PLATFORMS[process.platform];
  const arch = ARCHITECTURES[process.arch];
  if (platform === undefined || arch === undefined) {
    throw new StackError(`there is no download for ${process.platform} on ${process.arch}`);
  }
  const url = `https://temporal.download/${what.artifact}/${what.version}?platform=${platform}&arch=${arch}&format=tar.gz`;
  const response = await get(url);
  if (!response.ok) throw new StackError(`${url} answered ${response.status}`);
  const { archiveUrl, fileToExtract } = decodeInfo(await response.json());
  const unpacked = join(folder, "unpacked");
  const archive = join(folder, "archive.tar.gz");
  await mkdir(unpacked, { recursive: true });
  await saveTo(archiveUrl, archive);
  await runTool({ command: "tar", args: ["-xzf", archive, "-C", unpacked], timeoutMs: EXTRACT_TIMEOUT_MS });
  const program = join(folder, name);
  await rename(join(unpacked, fileToExtract), program);
  await chmod(program, 0o755);
  await Promise.all([archive, unpacked].map((path) => rm(path, { recursive: true, force: true })));
  return program;
}

function decodeInfo(info: unknown): { archiveUrl: string; fileToExtract: string } {
  if (typeof info === "object" && info !== null && "archiveUrl" in info && "fileToExtract" in info) {
    const { archiveUrl, fileToExtract } = info;
    // the file name ends up in a path of ours: a plain relative path only
    if (typeof archiveUrl === "string" && archiveUrl.startsWith("https://") && typeof fileToExtract === "string") {
      if (!fileToExtract.split("/").includes("..") && basename(fileToExtract) !== "")
        return { archiveUrl, fileToExtract };
    }
  }
  throw new StackError("Temporal's download service answered something that is not a download");
}
