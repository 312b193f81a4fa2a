import ipaddr from "ipaddr.js";

/** A request as Express knows it: `ip` comes from `X-Forwarded-For` where the peer is one of the trusted proxies. */
export interface ClientRequest {
  ip?: string | undefined;
  socket: { remoteAddress?: string | undefined };
}

/**
 * Whom failed authentications are counted against: the address of the client, of IPv6 its /64, which is what one client
 * has. Headers are believed from trusted proxies only: anybody can write them. What a proxy passes on that is no address
 * counts as the proxy's own.
 */
export function clientAddress({ ip, socket }: ClientRequest): string {
  const peer = socket.remoteAddress ?? "";
  return networkOf(ip ?? peer) ?? networkOf(peer) ?? peer;
}

function networkOf(text: string): string | null {
  // An address may carry a zone.
  const plain = text.replace(/%.*$/, "");
  if (!ipaddr.isValid(plain)) return null;
  const address = ipaddr.process(plain);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  return address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":");
}
