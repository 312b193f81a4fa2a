/** A project of somebody else that has installed the packed client, outside this checkout. */
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildClient } from "../../tools/build-client.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = path.join(root, "node_modules/typescript/bin/tsc");

export interface Consumer {
  folder: string;
  /** Paths inside the tarball. */
  packed: string[];
  /** Names of everything that was installed. */
  installed(): Promise<string[]>;
  /** Compiles these files with `skipLibCheck: false` into `out/` and answers what tsc says, as `file:line`. */
  compile(files: Record<string, string>, options: Record<string, unknown>): Promise<string[]>;
  remove(): Promise<void>;
}

/** Builds and packs the client, and installs the tarball into an empty project. */
export async function createConsumer(): Promise<Consumer> {
  const folder = await mkdtemp(path.join(tmpdir(), "posthorn-consumer-"));
  // A copy, so that nobody else's build is disturbed.
  const staged = path.join(folder, "staged");
  await buildClient(path.join(staged, "dist"));
  for (const file of ["package.json", "README.md", "LICENSE"]) {
    await copyFile(path.join(root, "client", file), path.join(staged, file));
  }
  const packing = await run("npm", ["pack", staged, "--json"], folder);
  const [tarball] = JSON.parse(packing.stdout) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) throw new Error(`npm pack made nothing: ${packing.stderr}`);
  await writeFile(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
  const installing = await run("npm", ["install", ...flags, `./${tarball.filename}`], folder);
  if (installing.code !== 0) throw new Error(installing.stderr);
  return {
    folder,
    packed: tarball.files.map((it) => it.path).sort(),
    installed: async () => {
      const lock = JSON.parse(await readFile(path.join(folder, "package-lock.json"), "utf8")) as {
        packages: Record<string, unknown>;
      };
      return Object.keys(lock.packages).filter((it) => it !== "");
    },
    compile: (files, options) => compile(folder, files, options),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function compile(
  folder: string,
  files: Record<string, string>,
  options: Record<string, unknown>,
): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    target: "ES2023",
    outDir: "out",
    // Only for the types of Node, where a project asks for them: nothing of this checkout is found otherwise.
    typeRoots: [path.join(root, "node_modules/@types")],
    ...options,
  };
  await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const { stdout, code } = await run(process.execPath, [tsc, "--project", ".", "--pretty", "false"], folder);
  const lines = stdout.split("\n").filter((it) => /error TS/.test(it));
  if (code !== 0 && lines.length === 0) throw new Error(stdout);
  return lines.map((it) => it.replace(/\((\d+),\d+\): error/, ":$1 error"));
}

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, at most two minutes. */
export function run(
  file: string,
  args: string[],
  cwd: string,
  env: Record<string, string | undefined> = process.env,
): Promise<Run> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}
