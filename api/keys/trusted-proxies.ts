import { isIP } from "node:net";

/** What is wrong with an entry of the trusted proxies, in words; `null` if it is an address or a CIDR range. */
export function trustedProxyProblem(entry: string): string | null {
  const [address = "", bits, ...rest] = entry.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  if (family === 0 || rest.length > 0) return `"${entry}" is neither an address nor a CIDR range`;
  // One way to write a range: these are compared as IPv4 addresses.
  if (/^::ffff:/i.test(address)) return `"${entry}" is an IPv4 address in the form of IPv6; write it as IPv4`;
  if (bits === undefined) return null;
  const bitsMax = family === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > bitsMax) return `"${entry}" has no number of bits up to ${bitsMax}`;
  return Number(bits) === 0 ? `"${entry}" would trust everybody` : null;
}
