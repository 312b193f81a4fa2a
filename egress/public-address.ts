import { addressFamily, CidrSet } from "./cidr-set.js";

/** IANA special-purpose registries (RFC 6890 and updates), and 168.63.129.16: public by registry, Azure's host in fact. */
const SPECIAL = new CidrSet([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
]);

/**
 * The only IPv6 block with unicast addresses of the Internet (RFC 4291, 2.4). All that can hide an IPv4 address (mapped,
 * compatible, translated, NAT64) lies outside.
 */
const GLOBAL_UNICAST_V6 = new CidrSet(["2000::/3"]);

/**
 * This machine, its links and its cloud's services for it, groups, and all of that as IPv4 in the forms of IPv6: compatible,
 * mapped, and translated by the well-known prefix (RFC 6052).
 */
const INSIDE_MACHINE = new CidrSet([
  ...["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255"],
  ...["168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"],
  ...["::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "fe80::/10", "ff00::/8"],
  ...["64:ff9b::/104", "64:ff9b::7f00:0/104", "64:ff9b::a9fe:0/112", "64:ff9b::a83f:8110", "64:ff9b::6464:64c8"],
]);

const LOOPBACK = new CidrSet(["127.0.0.0/8", "::1/128"]);

/** Whether the address belongs to the Internet at large; `false` for what is no address. */
export function isPublicAddress(address: string): boolean {
  const family = addressFamily(address);
  if (family === 0 || SPECIAL.has(address)) return false;
  return family === 4 || GLOBAL_UNICAST_V6.has(address);
}

/** Whether the address is this machine's own: 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.has(address);
}

/**
 * Whether the address leads to this machine itself, to its link, to a metadata service or to a group: nowhere a receiver is
 * that is known by a name.
 */
export function isInsideMachine(address: string): boolean {
  return INSIDE_MACHINE.has(address);
}
