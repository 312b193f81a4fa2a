import { BlockList, isIP } from "node:net";

/** `net.isIP` with zone ids refused: an address with a `%` names an interface of this machine. */
export function addressFamily(address: string): 0 | 4 | 6 {
  if (address.includes("%")) return 0;
  const family = isIP(address);
  return family === 4 || family === 6 ? family : 0;
}

/**
 * Address ranges. The families live in separate lists: in one `BlockList`, IPv4 rules match mapped IPv6 addresses and
 * a rule for `::ffff:0:0/96` matches every IPv4 address.
 */
export class CidrSet {
  readonly #v4 = new BlockList();
  readonly #v6 = new BlockList();

  constructor(ranges: readonly string[] = []) {
    for (const range of ranges) {
      if (!this.add(range)) throw new Error(`not an address range: ${range}`);
    }
  }

  /** Adds `address/bits`, or one address. `false` if `range` is neither. */
  add(range: string): boolean {
    const [address = "", bits, ...rest] = range.split("/");
    const family = addressFamily(address);
    if (family === 0 || rest.length > 0) return false;
    const bitsMax = family === 4 ? 32 : 128;
    if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > bitsMax)) return false;
    const prefix = bits === undefined ? bitsMax : Number(bits);
    if (family === 4) this.#v4.addSubnet(address, prefix, "ipv4");
    else this.#v6.addSubnet(address, prefix, "ipv6");
    return true;
  }

  /** Whether the address lies in one of the ranges; `false` for what is no address. */
  has(address: string): boolean {
    const family = addressFamily(address);
    // BlockList answers false for an IPv6 text without its family, so the family is always named.
    if (family === 4) return this.#v4.check(address, "ipv4");
    return family === 6 && this.#v6.check(address, "ipv6");
  }
}
