import ipaddr from "ipaddr.js";

/**
 * Whom failed authentications are counted against: the address of the connection, of IPv6 its /64, which is what one
 * client has. Headers of proxies are not believed: anybody can write them.
 */
export function clientAddress({ socket }: { socket: { remoteAddress?: string | undefined } }): string {
  const text = socket.remoteAddress ?? "";
  // An address may carry a zone.
  const plain = text.replace(/%.*$/, "");
  if (!ipaddr.isValid(plain)) return text;
  const address = ipaddr.process(plain);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  return address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":");
}
