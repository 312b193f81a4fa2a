import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { configSchema } from "../../runtime/config.js";
import { readRepositoryFile } from "./compose-file.js";

let instructions: { name: string; rest: string }[] = [];

beforeAll(async () => {
  const text = await readRepositoryFile("Dockerfile");
  instructions = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ name: line.split(" ", 1)[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));
});

const restsOf = (name: string): string[] => instructions.filter((it) => it.name === name).map((it) => it.rest);

describe("the image", () => {
  it("is built in two stages on the slim image of the oldest Node that is supported", () => {
    expect(restsOf("FROM")).toEqual(["node:20-slim AS build", "node:20-slim"]);
  });

  it("installs what the lock file says, and ships no development dependency", () => {
    expect(restsOf("RUN")[0]).toBe("npm ci");
    expect(restsOf("RUN").join()).toContain("npm run build && npm prune --omit=dev");
  });

  it("copies only what exists in the checkout", () => {
    const local = restsOf("COPY").filter((it) => !it.startsWith("--from"));
    for (const source of local.flatMap((it) => it.split(" ").slice(0, -1))) {
      expect(existsSync(fileURLToPath(new URL(`../../${source}`, import.meta.url))), source).toBe(true);
    }
  });

  it("runs the compiled program as somebody who is not root", () => {
    expect(restsOf("USER")).toEqual(["node"]);
    expect(restsOf("ENTRYPOINT")).toEqual(['["node", "dist/runtime/cli/main.js"]']);
    expect(restsOf("CMD")).toEqual(['["start", "--role", "all"]']);
  });

  it("says whether it is healthy", () => {
    const [check = ""] = restsOf("HEALTHCHECK");
    const command = JSON.parse(check.slice(check.indexOf("CMD ") + 4)) as string[];
    expect(command.slice(0, 2)).toEqual(["node", "-e"]);
    expect(() => new Script(command[2] ?? "(")).not.toThrow();
    expect(command[2]).toContain("/healthz");
  });

  it("sets only settings that exist", () => {
    const names = restsOf("ENV").flatMap((it) => it.split(" ").map((pair) => pair.split("=")[0] ?? ""));
    expect(names.filter((it) => it !== "NODE_ENV" && !(it in configSchema.shape))).toEqual([]);
  });

  it("is built without secrets, data or dependencies of the checkout", async () => {
    const ignored = (await readRepositoryFile(".dockerignore")).split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".git", ".posthorn", "**/node_modules", "**/dist"]));
  });
});
