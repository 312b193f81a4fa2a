/** Settings about which receivers are called and how: their form, and what they come to for the parts of `egress/`. */
import { z } from "zod";
import { allowEntryProblem } from "../egress/address-guard.js";
import type { EgressProxy } from "../egress/egress-proxy.js";
import { parseProxy } from "../egress/egress-proxy.js";
import { portEntryProblem } from "../egress/port-policy.js";
import { parseCertificates } from "../egress/trusted-certificates.js";
import { fileOf } from "./file-setting.js";
import type { FileRead } from "./file-setting.js";
import { listOf } from "./list-setting.js";

const PORTS_MAX = 64;
const NO_CERTIFICATES: readonly string[] = [];

export const egressFields = {
  POSTHORN_EGRESS_ALLOW: listOf(allowEntryProblem).describe(
    "Receivers in private networks, or at this machine's own addresses, that may be called: CIDR ranges and host names, separated by commas. Any port but bad ports, with or without TLS. A name may lead into any private network, but not to loopback, link-local and metadata addresses or multicast: a range must open those. The ports at which Posthorn itself listens stay closed. Default: none.",
  ),
  POSTHORN_EGRESS_HTTPS_ONLY: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true")
    .describe("`true`: receivers are called over TLS and by name only; hosts of `POSTHORN_EGRESS_ALLOW` are excepted."),
  POSTHORN_EGRESS_PORTS: listOf(portEntryProblem)
    .refine((entries) => entries.length <= PORTS_MAX, `has more than ${PORTS_MAX} ports`)
    .transform((entries) => entries.map(Number))
    .describe(
      "Ports of public receivers besides 80, 443, 8080 and 8443, separated by commas. The bad ports of the WHATWG (such as 22, 25, 6000) stay closed for everybody. Default: none.",
    ),
  POSTHORN_EGRESS_CA_FILE: fileOf((text): FileRead<readonly string[]> => {
    const bundle = parseCertificates(text);
    return bundle.ok ? { ok: true, value: bundle.certificates } : bundle;
  }, NO_CERTIFICATES).describe(
    "File of PEM certificates of authorities that are trusted besides the public ones. Read at the start; `NODE_EXTRA_CA_CERTS` does not count for receivers then. Default: none.",
  ),
  POSTHORN_EGRESS_PROXY: z
    .string()
    .default("")
    .transform((text, context): EgressProxy | null => {
      if (text.trim() === "") return null;
      const proxy = parseProxy(text.trim());
      if (proxy !== null) return proxy;
      // Without the value: it may hold a password.
      context.addIssue({ code: "custom", message: "must be http://host:port or http://user:password@host:port" });
      return z.NEVER;
    })
    .describe(
      "HTTP CONNECT proxy for all requests to receivers, as `http://user:password@host:port`; the credentials may be missing. It resolves the names and must itself refuse private addresses: only the rules for URLs are still applied here. `HTTP_PROXY` and its like have no effect. Default: none.",
    ),
};

type EgressConfig = { [Name in keyof typeof egressFields]: z.output<(typeof egressFields)[Name]> };

export interface EgressOptions {
  allow: readonly string[];
  allowLoopback: boolean;
  httpsOnly: boolean;
  additionalPorts: readonly number[];
  additionalCertificates: readonly string[];
  proxy: EgressProxy | null;
}

/** What the settings come to. Only `posthorn dev` lets this machine be called. */
export function egressOptions(config: EgressConfig, { allowLoopback }: { allowLoopback: boolean }): EgressOptions {
  return {
    allow: config.POSTHORN_EGRESS_ALLOW,
    allowLoopback,
    httpsOnly: config.POSTHORN_EGRESS_HTTPS_ONLY,
    additionalPorts: config.POSTHORN_EGRESS_PORTS,
    additionalCertificates: config.POSTHORN_EGRESS_CA_FILE,
    proxy: config.POSTHORN_EGRESS_PROXY,
  };
}
