/** The addresses of this machine, which are no receivers even where they are public: a delivery could cause the next one. */
import { networkInterfaces } from "node:os";
import type { NetworkInterfaceInfo } from "node:os";
import { CidrSet } from "./cidr-set.js";

/** Interfaces come and go, but seldom; asking for them at every connection would cost more than the check. */
const AGE_MS_MAX = 30_000;

type Interfaces = Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, "address">[] | undefined>>;

export interface OwnAddressesOptions {
  /** @default os.networkInterfaces */
  interfaces?: () => Interfaces;
  /** Monotonic milliseconds. */
  now?: () => number;
}

/** @returns whether an address is one of this machine's interfaces, known to at most 30 s ago */
export function ownAddresses(options: OwnAddressesOptions = {}): (address: string) => boolean {
  const { interfaces = networkInterfaces, now = () => performance.now() } = options;
  let known = new CidrSet();
  let staleAtMs = -Infinity;
  return (address) => {
    if (now() >= staleAtMs) {
      known = new CidrSet();
      for (const list of Object.values(interfaces())) for (const own of list ?? []) known.add(own.address);
      staleAtMs = now() + AGE_MS_MAX;
    }
    return known.has(address);
  };
}
