/** The ports of the servers that Posthorn works with, as far as they may be on this machine: none of them is a receiver. */

const MONGODB_PORT = 27_017;
const TEMPORAL_PORT = 7_233;

export interface ServerAddresses {
  mongodbUri: string;
  /** `host:port`. */
  temporalAddress: string;
  /** Of the Web UI, if there is one. */
  temporalUiUrl: string | null;
}

/** Ports that are named, and the usual ones of the two servers where none is. */
export function portsOfServers({ mongodbUri, temporalAddress, temporalUiUrl }: ServerAddresses): number[] {
  const [, hosts = ""] = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+)/.exec(mongodbUri) ?? [];
  const ports = [
    ...hosts.split(",").map((host) => portIn(host) ?? MONGODB_PORT),
    portIn(temporalAddress) ?? TEMPORAL_PORT,
  ];
  const ui = temporalUiUrl === null ? null : portIn(temporalUiUrl.replace(/^[a-z]+:\/\//i, "").replace(/[/?#].*$/, ""));
  return ui === null ? ports : [...ports, ui];
}

function portIn(authority: string): number | null {
  const port = Number(/:(\d{1,5})$/.exec(authority)?.[1] ?? 0);
  return port > 0 && port <= 65_535 ? port : null;
}
