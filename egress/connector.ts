import type { LookupFunction } from "node:net";
import { createSecureContext } from "node:tls";
import { buildConnector } from "undici";
import type { AddressGuard } from "./address-guard.js";
import { bareHost } from "./address-guard.js";
import { addressFamily } from "./cidr-set.js";
import { blockedAddress, EgressError } from "./egress-error.js";
import type { EgressProxy } from "./egress-proxy.js";
import type { OwnListeners } from "./own-listeners.js";
import { portOf } from "./own-listeners.js";
import { connectThroughProxy } from "./proxy-tunnel.js";
import type { NameResolver } from "./resolver.js";
import { TIME_LIMITS } from "./time-limits.js";
import { trustedAuthorities } from "./trusted-certificates.js";

export interface ConnectorOptions {
  guard: AddressGuard;
  resolver: NameResolver;
  /** PEM certificates to trust besides the public roots. @default none */
  additionalCertificates?: readonly string[];
  /**
   * Where every connection goes instead of to its receiver. Names are then the proxy's to resolve and addresses the
   * proxy's to judge; nothing but this option names a proxy, no variable of the environment does. @default none
   */
  proxy?: EgressProxy | null;
  /** Where the installation itself listens: never connected to, whatever the guard permits. @default nowhere */
  ownListeners?: OwnListeners;
  /** Proxy, name server, TCP and TLS together, in ms. @default 5000 */
  connectMsMax?: number;
}

export interface GuardedConnector {
  connect: buildConnector.connector;
  /** Whether this error ended a socket that had brought answers before: an idle connection that had gone stale. */
  endedUsedSocket(error: Error): boolean;
}

/** A connection has no time for more addresses than these. */
const TRIED_ADDRESSES_MAX = 16;
/** How long one address of several is tried before the next one; Node's 250 ms is too short for other continents. */
const NEXT_ADDRESS_MS = 500;

/**
 * A lookup for `net.connect` that checks every address. The list that was checked is the list that is connected to,
 * so a name server that answers differently the next time gains nothing; one bad address among good ones condemns all,
 * also one so far behind in the answer that it would not be tried.
 */
export function guardedLookup({ guard, resolver }: Pick<ConnectorOptions, "guard" | "resolver">): LookupFunction {
  const addressesOf = async (host: string) => {
    const addresses = await resolver.resolve(host);
    if (!addresses.every((it) => guard.permits(it, host))) throw blockedAddress();
    return addresses.slice(0, TRIED_ADDRESSES_MAX).map((address) => ({ address, family: addressFamily(address) }));
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

/** Refuses a connection whose peer is not one that the guard permits. */
function checkingPeer(base: buildConnector.connector, guard: AddressGuard): buildConnector.connector {
  return (target, callback) => {
    base(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const peer = socket.remoteAddress;
      if (peer !== undefined && guard.permits(peer, bareHost(target.hostname))) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      const lost = new EgressError("connect.reset", "the connection was lost at once");
      callback(peer === undefined ? lost : blockedAddress(), null);
    });
  };
}

/** The guard for ports at which the installation listens: this machine is closed, whatever is open elsewhere. */
function closingThisMachine(guard: AddressGuard, own: OwnListeners): AddressGuard {
  return { ...guard, permits: (address, host) => guard.permits(address, host) && !own.isThisMachine(address) };
}

/**
 * Connects only to where the guard permits: literals are checked before, names by the lookup, the peer afterwards. With
 * a proxy the latter two are the proxy's.
 */
export function createConnector(options: ConnectorOptions): GuardedConnector {
  const { guard: open, ownListeners, proxy = null, connectMsMax = TIME_LIMITS.connect } = options;
  const usedSocketErrors = new WeakSet<Error>();
  // One for all connections: making one costs more than the handshake.
  const secureContext = createSecureContext({
    minVersion: "TLSv1.2",
    ca: trustedAuthorities(options.additionalCertificates ?? []),
  });
  const dialing = (guard: AddressGuard) => {
    const base = buildConnector({
      timeout: connectMsMax,
      lookup: guardedLookup({ ...options, guard }),
      secureContext,
      // Said, because else NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the verification off.
      rejectUnauthorized: true,
      allowH2: false,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    });
    const dial =
      proxy === null ? checkingPeer(base, guard) : connectThroughProxy({ proxy, secure: base, connectMsMax });
    return { guard, dial };
  };
  const anywhere = dialing(open);
  const elsewhere = ownListeners === undefined ? anywhere : dialing(closingThisMachine(open, ownListeners));

  const connect: buildConnector.connector = (target, callback) => {
    const host = bareHost(target.hostname);
    const { guard, dial } = ownListeners?.hasPort(portOf(target)) === true ? elsewhere : anywhere;
    if (addressFamily(host) !== 0 && !guard.permits(host, host)) {
      // Later, as every other answer of a connector: undici is still busy with the request that asked.
      setImmediate(() => callback(blockedAddress(), null));
      return;
    }
    dial(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      // What a proxy answered is no answer of the receiver.
      const bytesBefore = socket.bytesRead;
      socket.on("error", (cause: Error) => {
        if (socket.bytesRead > bytesBefore) usedSocketErrors.add(cause);
      });
      callback(null, socket);
    });
  };
  return { connect, endedUsedSocket: (error) => usedSocketErrors.has(error) };
}
