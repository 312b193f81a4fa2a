/** `docker-compose.yml` as Compose reads it: with merge keys applied and variables filled in. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";

export type Environment = Record<string, string>;

export interface Service {
  image?: string;
  build?: unknown;
  command?: string[];
  entrypoint?: string[];
  environment?: Environment;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  ports?: string[];
  volumes?: string[];
  "x-no-healthcheck"?: string;
}

export interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

export async function readRepositoryFile(name: string): Promise<string> {
  return readFile(new URL(`../../${name}`, import.meta.url), "utf8");
}

/** The file with the variables of `environment`. @throws Error for a required variable that is not set */
export async function readCompose(environment: Environment): Promise<ComposeFile> {
  const text = await readRepositoryFile("docker-compose.yml");
  return parse(interpolate(text, environment), { merge: true }) as ComposeFile;
}

/** `${NAME:-default}`, `${NAME:?message}` and `$$`, as the Compose specification has them. Comments stay as they are. */
function interpolate(text: string, environment: Environment): string {
  const withoutComments = text.replaceAll(/^\s*#.*$/gm, "");
  return withoutComments.replaceAll(
    /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (whole, name: string, kind, rest: string) => {
      if (whole === "$$") return "$";
      const value = environment[name] ?? "";
      if (value !== "") return value;
      if (kind === "?") throw new Error(`${name}: ${rest}`);
      return kind === "-" ? rest : "";
    },
  );
}
