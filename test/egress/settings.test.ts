import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { trustedAuthorities } from "../../egress/trusted-certificates.js";
import { readConfig } from "../../runtime/config.js";
import { egressOptions } from "../../runtime/egress-settings.js";
import { authority, leafKey, validLeaf } from "./certificates.js";

function read(env: Record<string, string>) {
  const result = readConfig(env);
  if (!result.ok) return result.problems;
  return egressOptions(result.config, { allowLoopback: false });
}

async function file(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "ca.pem");
  await writeFile(path, content);
  return path;
}

describe("without settings", () => {
  it("public receivers are called, over TLS or not, directly, and nobody else", () => {
    const nothing = {
      allow: [],
      allowLoopback: false,
      httpsOnly: false,
      additionalPorts: [],
      additionalCertificates: [],
      proxy: null,
    };
    expect(read({})).toEqual(nothing);
    expect(
      read({
        POSTHORN_EGRESS_ALLOW: "",
        POSTHORN_EGRESS_HTTPS_ONLY: "",
        POSTHORN_EGRESS_PORTS: " , ",
        POSTHORN_EGRESS_CA_FILE: " ",
        POSTHORN_EGRESS_PROXY: "",
        HTTP_PROXY: "http://elsewhere:1",
        HTTPS_PROXY: "http://elsewhere:1",
      }),
    ).toEqual(nothing);
  });
});

describe("the settings of egress", () => {
  it("are read", async () => {
    expect(
      read({
        POSTHORN_EGRESS_ALLOW: "10.1.0.0/16, receiver",
        POSTHORN_EGRESS_HTTPS_ONLY: "true",
        POSTHORN_EGRESS_PORTS: "3000, 5000",
        POSTHORN_EGRESS_CA_FILE: await file(`Our authority\n${authority}\nand its leaf\r\n${validLeaf}`),
        POSTHORN_EGRESS_PROXY: "http://proxy:4750",
      }),
    ).toEqual({
      allow: ["10.1.0.0/16", "receiver"],
      allowLoopback: false,
      httpsOnly: true,
      additionalPorts: [3000, 5000],
      additionalCertificates: [authority.trim(), validLeaf.trim()],
      proxy: { host: "proxy", port: 4750, authorization: null },
    });
  });

  it.each([
    ["POSTHORN_EGRESS_ALLOW", "http://receiver", /"http:\/\/receiver" is no CIDR range/],
    ["POSTHORN_EGRESS_HTTPS_ONLY", "yes", /"true"\|"false"/],
    ["POSTHORN_EGRESS_PORTS", "3000;5000", /"3000;5000" is no port/],
    ["POSTHORN_EGRESS_PORTS", "65536", /"65536" is no port/],
    ["POSTHORN_EGRESS_PORTS", "-1", /"-1" is no port/],
    ["POSTHORN_EGRESS_PORTS", "3000,25", /port 25 is on the list of bad ports/],
    ["POSTHORN_EGRESS_PORTS", Array.from({ length: 65 }, (_, at) => 20_000 + at).join(","), /more than 64 ports/],
    ["POSTHORN_EGRESS_CA_FILE", "/nowhere/ca.pem", /\/nowhere\/ca\.pem cannot be read \(ENOENT\)/],
    ["POSTHORN_EGRESS_CA_FILE", "/", /\/ cannot be read \(EISDIR\)/],
    ["POSTHORN_EGRESS_PROXY", "https://proxy:4750", /must be http:\/\/host:port/],
  ])("say what is wrong with %s=%s", (name, value, problem) => {
    expect(read({ [name]: value })).toEqual([expect.stringMatching(problem)]);
    expect(read({ [name]: value })).toEqual([expect.stringContaining(`${name}: `)]);
  });

  it.each([
    ["", /holds no PEM certificate/],
    ["nothing of the kind", /holds no PEM certificate/],
    [leafKey, /holds no PEM certificate/],
    [`${authority}${validLeaf.replace("MIIB", "AAAA")}`, /certificate 2 in it is malformed/],
  ])("refuse a file of authorities without or with malformed certificates: %#", async (content, problem) => {
    expect(read({ POSTHORN_EGRESS_CA_FILE: await file(content) })).toEqual([expect.stringMatching(problem)]);
  });

  it("refuse a file of authorities that is too large", async () => {
    const path = await file(authority + " ".repeat(5_000_000));
    expect(read({ POSTHORN_EGRESS_CA_FILE: path })).toEqual([expect.stringMatching(/is larger than 4 MiB/)]);
  });

  it("never repeat the password of a proxy", () => {
    const problems = read({ POSTHORN_EGRESS_PROXY: "https://user:s3cret@proxy:4750" });
    expect(problems).toEqual([expect.stringContaining("POSTHORN_EGRESS_PROXY: must be")]);
    expect(JSON.stringify(problems)).not.toContain("s3cret");
  });
});

describe("authorities of the operator", () => {
  it("are trusted besides the public ones", () => {
    expect(trustedAuthorities([authority])).toEqual([...rootCertificates, authority]);
  });

  it("leave the public ones to Node.js where there are none", () => {
    expect(trustedAuthorities([])).toBeUndefined();
  });
});
