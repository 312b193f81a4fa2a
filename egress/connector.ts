import type { LookupFunction } from "node:net";
import { createSecureContext } from "node:tls";
import { buildConnector } from "undici";
import type { AddressGuard } from "./address-guard.js";
import { bareHost } from "./address-guard.js";
import { addressFamily } from "./cidr-set.js";
import { blockedAddress, EgressError } from "./egress-error.js";
import type { NameResolver } from "./resolver.js";

export interface ConnectorOptions {
  guard: AddressGuard;
  resolver: NameResolver;
  /** PEM certificates to trust instead of those that Node.js brings and `NODE_EXTRA_CA_CERTS` adds. */
  trustedCertificates?: readonly string[];
}

export interface GuardedConnector {
  connect: buildConnector.connector;
  /** Whether this error ended a socket that had brought answers before: an idle connection that had gone stale. */
  endedUsedSocket(error: Error): boolean;
}

/** Name server, TCP and TLS together; shorter than the usual deadline, so that people see what was slow. */
const CONNECT_MS_MAX = 5_000;
/** How long one address of several is tried before the next one; Node's 250 ms is too short for other continents. */
const NEXT_ADDRESS_MS = 500;

/**
 * A lookup for `net.connect` that checks every address. The list that was checked is the list that is connected to,
 * so a name server that answers differently the next time gains nothing; one bad address among good ones condemns all.
 */
export function guardedLookup({ guard, resolver }: Pick<ConnectorOptions, "guard" | "resolver">): LookupFunction {
  const addressesOf = async (host: string) => {
    const addresses = await resolver.resolve(host);
    if (!addresses.every((it) => guard.permits(it, host))) throw blockedAddress();
    return addresses.map((address) => ({ address, family: addressFamily(address) }));
  };
  return (host, options, callback) => {
    addressesOf(host).then(
      (addresses) => {
        const [first] = addresses;
        // An empty list crashes inside Node.js.
        if (first === undefined) callback(new EgressError("dns.not_found", "the host name has no address"), "");
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(
          error instanceof Error ? error : new EgressError("dns.failed", "the host name could not be resolved"),
          "",
        );
      },
    );
  };
}

/** Connects only to where the guard permits: literals are checked before, names by the lookup, the peer afterwards. */
export function createConnector(options: ConnectorOptions): GuardedConnector {
  const { guard, trustedCertificates } = options;
  const usedSocketErrors = new WeakSet<Error>();
  const base = buildConnector({
    timeout: CONNECT_MS_MAX,
    lookup: guardedLookup(options),
    // One for all connections: making one costs more than the handshake.
    secureContext: createSecureContext({
      minVersion: "TLSv1.2",
      ...(trustedCertificates === undefined ? {} : { ca: [...trustedCertificates] }),
    }),
    allowH2: false,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  });

  const connect: buildConnector.connector = (target, callback) => {
    const host = bareHost(target.hostname);
    if (addressFamily(host) !== 0 && !guard.permits(host, host)) {
      // Later, as every other answer of a connector: undici is still busy with the request that asked.
      setImmediate(() => callback(blockedAddress(), null));
      return;
    }
    base(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const peer = socket.remoteAddress;
      if (peer === undefined || !guard.permits(peer, host)) {
        socket.destroy();
        callback(
          peer === undefined ? new EgressError("connect.reset", "the connection was lost at once") : blockedAddress(),
          null,
        );
        return;
      }
      socket.on("error", (cause: Error) => {
        if (socket.bytesRead > 0) usedSocketErrors.add(cause);
      });
      callback(null, socket);
    });
  };
  return { connect, endedUsedSocket: (error) => usedSocketErrors.has(error) };
}
