/** The one place that reads the environment. All problems are reported together; `docs/configuration.md` is generated. */
import envPaths from "env-paths";
import { z } from "zod";
import { corsOriginProblem } from "../api/cors.js";
import { trustedProxyProblem } from "../api/keys/trusted-proxies.js";
import { LIMITS } from "../core/limits.js";
import { Secret } from "../core/secret.js";
import { BATCH_MAX } from "../core/workflow-contract.js";
import { parseKeyRing } from "../store/sealing/key-ring.js";
import { egressFields } from "./egress-settings.js";
import { listOf } from "./list-setting.js";
import { temporalFields, temporalProblems } from "./temporal-settings.js";

const ADMIN_KEY_CHARS_MIN = 24;

const PROXIES_MAX = 64;

const CORS_ORIGINS_MAX = 20;

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((text) => (text === undefined || text === "" ? null : text));

/** Every setting: name, bounds, default and meaning. */
export const configSchema = z.object({
  POSTHORN_PORT: port(8000).describe("Port of the API, the documentation page and the metrics. 0 picks a free one."),
  POSTHORN_HOST: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address the API listens on. `0.0.0.0` opens it to the network; requests then need a key."),
  POSTHORN_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe(
      "Port of its own for `/metrics`, with `/healthz` and `/readyz`; `POSTHORN_PORT` has no `/metrics` then. 0 picks a free one. Default: none, `/metrics` is on `POSTHORN_PORT`.",
    ),
  POSTHORN_METRICS_HOST: z.string().min(1).default("127.0.0.1").describe("Address that port listens on."),
  POSTHORN_PUBLIC_URL: optionalText.describe(
    "Where callers reach the API, for links in `/openapi.json`. Default: the address it listens on.",
  ),
  POSTHORN_TRUSTED_PROXIES: listOf(trustedProxyProblem)
    .refine((entries) => entries.length <= PROXIES_MAX, `has more than ${PROXIES_MAX} entries`)
    .describe(
      "Proxies in front of the API, as addresses and CIDR ranges separated by commas. Who guesses keys is then told by the `X-Forwarded-For` that they send; from everybody else that header means nothing. Default: none.",
    ),
  POSTHORN_CORS_ORIGINS: listOf(corsOriginProblem)
    .refine(
      (entries) => entries.length <= CORS_ORIGINS_MAX,
      `has more than ${CORS_ORIGINS_MAX} entries; name only the sites whose pages call the API themselves`,
    )
    .describe(
      `Sites whose pages may call \`/v1\` and \`/trpc\` from a browser (CORS), with a key: origins such as \`https://admin.example.com\`, separated by commas; scheme, host and port only, no \`*\`, ${CORS_ORIGINS_MAX} at most. Default: none.`,
    ),
  POSTHORN_DATA_DIR: z
    .string()
    .min(1)
    .default(".posthorn")
    .describe("Folder of the embedded servers' data. A second start continues with it."),
  POSTHORN_CACHE_DIR: z
    .string()
    .min(1)
    .default(() => envPaths("posthorn", { suffix: "" }).cache)
    .describe("Folder for servers that were downloaded or built, by version. Default: the user's cache folder."),
  POSTHORN_ADMIN_KEY: optionalText
    .refine(
      (key) => key === null || key.length >= ADMIN_KEY_CHARS_MIN,
      `must have at least ${ADMIN_KEY_CHARS_MIN} characters; openssl rand -hex 24 makes one`,
    )
    .transform((key) => (key === null ? null : new Secret(key)))
    .describe(
      `A key with all rights that is not kept in the store, for the first start. At least ${ADMIN_KEY_CHARS_MIN} characters; \`openssl rand -hex 24\` makes one.`,
    ),
  POSTHORN_ENCRYPTION_KEYS: optionalText
    .transform((text, context) => {
      if (text === null) return null;
      const read = parseKeyRing(text);
      if (read.ok) return read.ring;
      for (const message of read.problems) context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .describe(
      "What signing secrets and header values are sealed with in MongoDB: `kid:base64` entries of 32 bytes, separated by commas; the first seals, all of them open. `posthorn secrets new-key` makes one. `posthorn start` needs it; `posthorn dev` keeps a key of its own in its data folder.",
    ),
  ...egressFields,
  POSTHORN_BODY_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1024)
    .max(LIMITS.bodyBytesCeiling)
    .default(LIMITS.bodyBytesDefault)
    .describe("Largest request body in bytes, 1 KiB to 5 MiB."),
  POSTHORN_LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Least severe log line that is written."),
  POSTHORN_TEMPORAL_PORT: port(7233).describe("Port of the embedded Temporal server."),
  POSTHORN_TEMPORAL_UI_PORT: port(8233).describe("Port of the embedded Temporal Web UI."),
  POSTHORN_TEMPORAL_UI_URL: optionalText.describe(
    "Base URL of the Temporal Web UI for links from deliveries. Default: the embedded one, none with an external Temporal.",
  ),
  POSTHORN_MONGODB_PORT: port(27017).describe("Port of the embedded MongoDB."),
  POSTHORN_BATCH_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(BATCH_MAX)
    .optional()
    .describe(
      "Events in one workflow. Default: 200 with the embedded Temporal, 55 with another, whose search attributes are limited to 2 KiB unless `frontend.searchAttributesSizeOfValueLimit` is raised.",
    ),
  TEMPORAL_ADDRESS: optionalText.describe("`host:port` of a Temporal server to use instead of the embedded one."),
  ...temporalFields,
  TEMPORAL_NAMESPACE: z.string().min(1).default("default").describe("Temporal namespace."),
  MONGODB_URI: optionalText.describe(
    "MongoDB to use instead of the embedded one: a replica set, 6.0 or newer. The path names the database, default `posthorn`.",
  ),
});

export type Config = z.infer<typeof configSchema>;

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: string[] };

/** Reads and checks all settings. Unknown `POSTHORN_` names are problems too: they are typing errors. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const names = Object.keys(configSchema.shape);
  const unknown = Object.keys(env).filter((name) => name.startsWith("POSTHORN_") && !names.includes(name));
  const given = Object.fromEntries(names.map((name) => [name, env[name] === "" ? undefined : env[name]]));
  const parsed = configSchema.safeParse(given);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)),
    ...unknown.map((name) => `${name}: no such setting`),
    ...metricsProblems(given),
    ...temporalProblems(given, parsed.success ? parsed.data : null),
  ];
  return parsed.success && problems.length === 0 ? { ok: true, config: parsed.data } : { ok: false, problems };
}

function metricsProblems({ POSTHORN_PORT = "8000", POSTHORN_METRICS_PORT = "0" }: Record<string, string | undefined>) {
  const isSame = Number(POSTHORN_METRICS_PORT) === Number(POSTHORN_PORT) && Number(POSTHORN_PORT) !== 0;
  return isSame ? ["POSTHORN_METRICS_PORT: must be another port than POSTHORN_PORT"] : [];
}
