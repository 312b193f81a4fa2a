import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../runtime/config.js";
import { temporalAccess } from "../../runtime/temporal-settings.js";
import { authority, leafKey, validLeaf } from "../egress/certificates.js";

const API_KEY = "a-key-of-the-operator";
const ON = { TEMPORAL_ADDRESS: "temporal.acme.com:7233", TEMPORAL_TLS: "true" };
let files: Record<"ca" | "cert" | "key" | "nothing", string>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-"));
  const texts = { ca: authority, cert: validLeaf, key: leafKey, nothing: "nothing of the kind" };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  const at = (name: string) => join(folder, name);
  files = { ca: at("ca"), cert: at("cert"), key: at("key"), nothing: at("nothing") };
  return () => rm(folder, { recursive: true });
});

function read(env: Record<string, string>) {
  const result = readConfig(env);
  return result.ok ? temporalAccess(result.config) : result.problems;
}

describe("the way to Temporal", () => {
  it("is without TLS and without a key where nothing is set", () => {
    expect(read({})).toEqual({});
    expect(read({ TEMPORAL_ADDRESS: "temporal:7233", TEMPORAL_TLS: "false", TEMPORAL_TLS_CA_FILE: " " })).toEqual({});
  });

  it("is over TLS with the system's authorities where only that is set", () => {
    expect(read(ON)).toEqual({ tls: {} });
  });

  it("is as all of the settings say", () => {
    const all = {
      TEMPORAL_TLS_CA_FILE: files.ca,
      TEMPORAL_TLS_CERT_FILE: files.cert,
      TEMPORAL_TLS_KEY_FILE: files.key,
      TEMPORAL_TLS_SERVER_NAME: "frontend.acme.com",
      TEMPORAL_API_KEY: API_KEY,
    };
    expect(read({ ...ON, ...all })).toEqual({
      tls: {
        serverRootCACertificate: Buffer.from(authority),
        clientCertPair: { crt: Buffer.from(validLeaf), key: Buffer.from(leafKey) },
        serverNameOverride: "frontend.acme.com",
      },
      apiKey: API_KEY,
    });
  });

  it("is refused in halves, with what is missing", () => {
    const { ca, cert, key } = files;
    expect(read({ ...ON, TEMPORAL_TLS_CERT_FILE: cert })).toEqual([
      "TEMPORAL_TLS_CERT_FILE: needs its key, in TEMPORAL_TLS_KEY_FILE",
    ]);
    expect(read({ ...ON, TEMPORAL_TLS_KEY_FILE: key })).toEqual([
      "TEMPORAL_TLS_KEY_FILE: needs its certificate, in TEMPORAL_TLS_CERT_FILE",
    ]);
    expect(read({ ...ON, TEMPORAL_TLS_CERT_FILE: ca, TEMPORAL_TLS_KEY_FILE: key })).toEqual([
      "TEMPORAL_TLS_KEY_FILE: is not the key of the first certificate in TEMPORAL_TLS_CERT_FILE",
    ]);
    expect(read({ TEMPORAL_TLS: "true" })).toEqual([
      "TEMPORAL_TLS: is for the server of TEMPORAL_ADDRESS, which is not set",
    ]);
  });

  it.each(["", "false"])("has nothing of TLS with TEMPORAL_TLS=%s, least of all a key in the clear", (tls) => {
    const env = { TEMPORAL_ADDRESS: "temporal:7233", TEMPORAL_TLS: tls };
    expect(read({ ...env, TEMPORAL_API_KEY: API_KEY })).toEqual([
      "TEMPORAL_API_KEY: needs TEMPORAL_TLS=true, or everybody on the way could read it",
    ]);
    for (const [name, value] of [
      ["TEMPORAL_TLS_CA_FILE", files.ca],
      ["TEMPORAL_TLS_SERVER_NAME", "frontend"],
    ] as const) {
      expect(read({ ...env, [name]: value })).toEqual([`${name}: has no effect without TEMPORAL_TLS=true`]);
    }
  });

  it.each([
    ["TEMPORAL_TLS_CA_FILE", "holds no PEM certificate"],
    ["TEMPORAL_TLS_CERT_FILE", "holds no PEM certificate"],
    ["TEMPORAL_TLS_KEY_FILE", "holds no private key in PEM without a passphrase"],
  ])("says which file of %s is missing or is none", (name, problem) => {
    expect(read({ ...ON, [name]: "/nowhere/a.pem" })).toContain(`${name}: /nowhere/a.pem cannot be read (ENOENT)`);
    expect(read({ ...ON, [name]: files.nothing })).toContain(`${name}: ${files.nothing} ${problem}`);
  });

  it("is configured without printing a key", async () => {
    const env = {
      ...ON,
      TEMPORAL_TLS_CERT_FILE: files.cert,
      TEMPORAL_TLS_KEY_FILE: files.key,
      TEMPORAL_API_KEY: API_KEY,
    };
    const shown = inspect(readConfig(env), { depth: 9 }) + JSON.stringify(readConfig(env));
    expect(shown).toContain("[redacted]");
    expect(shown).not.toContain(API_KEY);
    expect(shown).not.toContain("PRIVATE KEY");
    const broken = await mkdtemp(join(tmpdir(), "posthorn-"));
    onTestFinished(() => rm(broken, { recursive: true }));
    await writeFile(join(broken, "key"), leafKey.replace("MIGH", "AAAA"));
    const problems = JSON.stringify(read({ ...env, TEMPORAL_TLS_KEY_FILE: join(broken, "key") }));
    expect(problems).toContain("holds no private key");
    expect(problems).not.toContain(leafKey.slice(40, 80));
  });
});
