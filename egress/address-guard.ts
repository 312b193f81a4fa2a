import { addressFamily, CidrSet } from "./cidr-set.js";
import { isInsideMachine, isLoopbackAddress, isPublicAddress } from "./public-address.js";

export interface AddressGuardOptions {
  /** Whether `localhost`, 127.0.0.0/8 and ::1 may be called: for development and tests. @default false */
  allowLoopback?: boolean;
  /**
   * Host names, addresses and CIDR ranges that the operator opens besides public addresses. A name does not open what a
   * change of its DNS must never reach, see `isInsideMachine`; a range does. Never set per tenant.
   */
  allow?: readonly string[];
  /** Whether an address is this machine's own: refused even if it is public, unless the operator opened it. @default none */
  ownAddresses?: (address: string) => boolean;
}

/** Who may be called. Without options: public addresses only, of other machines if the own ones are known. */
export interface AddressGuard {
  /** Whether the operator opened this host, a name or a literal: rules for public hosts do not apply to it. */
  opens(host: string): boolean;
  /** Whether the operator opened this host by its name; such names may be known to this machine only. */
  opensName(host: string): boolean;
  /** Whether `localhost` means this machine and may be called. */
  readonly allowLoopback: boolean;
  /** Whether a connection to `address` may be made for `host`. The last word, asked for every address and every peer. */
  permits(address: string, host: string): boolean;
}

const HOST_NAME = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;

/** Lower case, no brackets around an IPv6 literal, no final dot. */
export function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** What is wrong with an entry of the allow-list, in words; `null` if it is a host name, an address or a CIDR range. */
export function allowEntryProblem(entry: string): string | null {
  const text = entry.trim();
  if (new CidrSet().add(text)) return null;
  if (text.includes("/") || text.includes(":"))
    return `"${entry}" is no CIDR range; schemes and ports do not belong here`;
  return HOST_NAME.test(bareHost(text)) ? null : `"${entry}" is neither a host name nor an address nor a CIDR range`;
}

/** @throws Error if an entry of `allow` has a problem, see {@link allowEntryProblem}. */
export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const { allowLoopback = false, ownAddresses = () => false } = options;
  const names = new Set<string>();
  const ranges = new CidrSet();
  for (const entry of options.allow ?? []) {
    const problem = allowEntryProblem(entry);
    if (problem !== null) throw new Error(problem);
    if (!ranges.add(entry.trim())) names.add(bareHost(entry.trim()));
  }

  const opensName = (host: string) => names.has(bareHost(host));
  const opensAddress = (address: string) => ranges.has(address) || (allowLoopback && isLoopbackAddress(address));
  return {
    allowLoopback,
    opensName,
    opens: (host) =>
      opensName(host) || opensAddress(bareHost(host)) || (allowLoopback && bareHost(host) === "localhost"),
    permits: (address, host) =>
      addressFamily(address) !== 0 &&
      (opensAddress(address) ||
        (opensName(host) && !isInsideMachine(address)) ||
        (isPublicAddress(address) && !ownAddresses(address))),
  };
}
