/** Settings about the way to Temporal: TLS, certificates and an API key. */
import { createPrivateKey } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { TLSConfig } from "@temporalio/worker";
import { z } from "zod";
import { Secret } from "../core/secret.js";
import { parseCertificates } from "../egress/trusted-certificates.js";
import { fileOf } from "./file-setting.js";
import type { FileRead } from "./file-setting.js";

/** PEM certificates as one text. */
function certificatesIn(text: string): FileRead<string> {
  const read = parseCertificates(text);
  return read.ok ? { ok: true, value: `${read.certificates.join("\n")}\n` } : read;
}

function privateKeyIn(text: string): FileRead<Secret> {
  try {
    createPrivateKey(text);
    return { ok: true, value: new Secret(text) };
  } catch {
    return { ok: false, problem: "holds no private key in PEM without a passphrase" };
  }
}

const optional = z.string().default("");

export const temporalFields = {
  TEMPORAL_TLS: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true")
    .describe("`true`: the server of `TEMPORAL_ADDRESS` is reached over TLS and must prove who it is."),
  TEMPORAL_TLS_CA_FILE: fileOf(certificatesIn, null).describe(
    "File of PEM certificates of the authorities that the Temporal server's certificate may come from. Read at the start. Default: those that the operating system trusts.",
  ),
  TEMPORAL_TLS_CERT_FILE: fileOf(certificatesIn, null).describe(
    "File of the PEM certificate that this process shows to the Temporal server (mTLS), with its chain. Needs `TEMPORAL_TLS_KEY_FILE`. Default: none.",
  ),
  TEMPORAL_TLS_KEY_FILE: fileOf(privateKeyIn, null).describe(
    "File of the private key of that certificate, as PEM without a passphrase. Default: none.",
  ),
  TEMPORAL_TLS_SERVER_NAME: optional
    .transform((text) => (text.trim() === "" ? null : text.trim()))
    .describe("Name that the Temporal server's certificate must have. Default: the host of `TEMPORAL_ADDRESS`."),
  TEMPORAL_API_KEY: optional
    .transform((text) => (text.trim() === "" ? null : new Secret(text.trim())))
    .describe("API key that is sent to the Temporal server with every call. Needs `TEMPORAL_TLS=true`. Default: none."),
};

type TemporalConfig = { [Name in keyof typeof temporalFields]: z.output<(typeof temporalFields)[Name]> };

/** What a connection to Temporal is made with besides the address; empty without TLS. */
export interface TemporalAccess {
  tls?: TLSConfig;
  apiKey?: string;
}

const ONLY_WITH_TLS = [
  "TEMPORAL_TLS_CA_FILE",
  "TEMPORAL_TLS_CERT_FILE",
  "TEMPORAL_TLS_KEY_FILE",
  "TEMPORAL_TLS_SERVER_NAME",
] as const;

/**
 * What does not go together, in words that begin with the name of a setting.
 *
 * @param given the settings as texts
 * @param config the same once they were read; `null` if one of them could not be
 */
export function temporalProblems(
  given: Readonly<Record<string, string | undefined>>,
  config: TemporalConfig | null,
): string[] {
  const isGiven = (name: string) => (given[name] ?? "").trim() !== "";
  const [certificate, key] = [isGiven("TEMPORAL_TLS_CERT_FILE"), isGiven("TEMPORAL_TLS_KEY_FILE")];
  const problems: string[] = [];
  if (given.TEMPORAL_TLS === "true") {
    if (!isGiven("TEMPORAL_ADDRESS"))
      problems.push("TEMPORAL_TLS: is for the server of TEMPORAL_ADDRESS, which is not set");
  } else {
    for (const name of ONLY_WITH_TLS)
      if (isGiven(name)) problems.push(`${name}: has no effect without TEMPORAL_TLS=true`);
    if (isGiven("TEMPORAL_API_KEY"))
      problems.push("TEMPORAL_API_KEY: needs TEMPORAL_TLS=true, or everybody on the way could read it");
  }
  if (certificate && !key) problems.push("TEMPORAL_TLS_CERT_FILE: needs its key, in TEMPORAL_TLS_KEY_FILE");
  if (key && !certificate) problems.push("TEMPORAL_TLS_KEY_FILE: needs its certificate, in TEMPORAL_TLS_CERT_FILE");
  if (config !== null && !fitTogether(config))
    problems.push("TEMPORAL_TLS_KEY_FILE: is not the key of the first certificate in TEMPORAL_TLS_CERT_FILE");
  return problems;
}

function fitTogether({ TEMPORAL_TLS_CERT_FILE: cert, TEMPORAL_TLS_KEY_FILE: key }: TemporalConfig): boolean {
  if (cert === null || key === null) return true;
  try {
    createSecureContext({ cert, key: key.reveal() });
    return true;
  } catch {
    return false;
  }
}

/** What the settings come to. */
export function temporalAccess(config: TemporalConfig): TemporalAccess {
  if (!config.TEMPORAL_TLS) return {};
  const {
    TEMPORAL_TLS_CA_FILE: authorities,
    TEMPORAL_TLS_CERT_FILE: certificate,
    TEMPORAL_TLS_KEY_FILE: key,
    TEMPORAL_TLS_SERVER_NAME: serverName,
    TEMPORAL_API_KEY: apiKey,
  } = config;
  const pair =
    certificate === null || key === null ? null : { crt: Buffer.from(certificate), key: Buffer.from(key.reveal()) };
  return {
    tls: {
      ...(authorities !== null && { serverRootCACertificate: Buffer.from(authorities) }),
      ...(pair !== null && { clientCertPair: pair }),
      ...(serverName !== null && { serverNameOverride: serverName }),
    },
    ...(apiKey !== null && { apiKey: apiKey.reveal() }),
  };
}
