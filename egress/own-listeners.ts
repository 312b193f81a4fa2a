/**
 * Ports of this machine at which the installation itself listens: the API, its metrics, and the servers that it works with.
 * What leads there is no receiver, whatever else is open. A delivery comes from this machine, so it would be believed.
 */
import ipaddr from "ipaddr.js";
import { addressFamily } from "./cidr-set.js";
import { ownAddresses } from "./own-addresses.js";
import { isLoopbackAddress } from "./public-address.js";

const UNSPECIFIED: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

export class OwnListeners {
  readonly #ports = new Set<number>();

  /** @param isInterface whether an address belongs to one of this machine's interfaces */
  constructor(private readonly isInterface: (address: string) => boolean = ownAddresses()) {}

  /** From now on: a port that the system picked is known only when something listens there. */
  add(port: number): void {
    if (port !== 0) this.#ports.add(port);
  }

  hasPort(port: number): boolean {
    return this.#ports.has(port);
  }

  /** Whether an address is this machine, at any of its interfaces; also in the IPv6 form of an IPv4 address. */
  isThisMachine(address: string): boolean {
    if (addressFamily(address) === 0) return false;
    const plain = ipaddr.process(address).toString();
    return isLoopbackAddress(plain) || UNSPECIFIED.has(plain) || this.isInterface(plain);
  }

  /** Whether a host that needs no name server, in the form of `bareHost`, leads to one of the ports. */
  isAt(host: string, port: number): boolean {
    return this.hasPort(port) && (host === "localhost" || this.isThisMachine(host));
  }
}

/** The port that a URL or a connection means, with the scheme's own where none is written. */
export function portOf({ port, protocol }: { port: string; protocol: string }): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}
