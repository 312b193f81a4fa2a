/** Ports that browsers refuse (WHATWG Fetch, "bad port"): services that act on what a hostile HTTP request says. */
const BAD_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Where receivers listen. Databases and queues, which often ask for no password, listen elsewhere. */
const USUAL_PORTS = [80, 443, 8080, 8443];

/** Whether nobody is called at this port, not even a host that the operator opened. */
export function isBadPort(port: number): boolean {
  return BAD_PORTS.has(port);
}

/** The ports of public hosts: the usual ones and what the operator adds, in ascending order. */
export function publicPorts(additional: readonly number[]): readonly number[] {
  return [...new Set([...USUAL_PORTS, ...additional])].filter((it) => !isBadPort(it)).sort((a, b) => a - b);
}

/** What is wrong with a port that the operator wants to add, in words; `null` if nothing is. */
export function portEntryProblem(entry: string): string | null {
  const port = Number(entry);
  if (!/^\d{1,5}$/.test(entry) || port > 65_535) return `"${entry}" is no port`;
  return isBadPort(port) ? `port ${port} is on the list of bad ports of the WHATWG and is never called` : null;
}
