import { Resolver, lookup } from "node:dns/promises";
import type { AddressGuard } from "./address-guard.js";
import { bareHost } from "./address-guard.js";
import { AnswerCache } from "./answer-cache.js";
import { dnsFailure, worstDnsFailure } from "./dns-failure.js";
import { EgressError } from "./egress-error.js";
import { NAME_QUERY_TRIES, TIME_LIMITS } from "./time-limits.js";

/** Asks name servers. Each rejects with the codes of `node:dns`. */
export interface NameQueries {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  /** The operating system's own way, with its hosts file: for names that the operator opened. */
  lookup(name: string): Promise<string[]>;
}

export interface NameResolver {
  /**
   * All addresses, 1..256 of them: whoever connects checks each, also where it tries a few only. Rejects with an
   * `EgressError` of a `dns.*` or `timeout.dns` outcome, within 4 s.
   */
  resolve(name: string): Promise<readonly string[]>;
}

export interface ResolverOptions {
  guard: AddressGuard;
  /** @default c-ares, and `dns.lookup` for names that the operator opened */
  queries?: NameQueries;
  /** Monotonic milliseconds. */
  now?: () => number;
}

/** Once one family has answered, the other has this long (after RFC 8305, 3, which suggests 50 ms). */
const SECOND_FAMILY_MS_MAX = 300;
/** A name with more addresses than this is no receiver. */
const ANSWERS_MAX = 256;

/**
 * c-ares rather than `dns.lookup`: the latter blocks one of four threads for as long as a name server likes.
 *
 * @param servers name servers as `address:port`. @default those of the system
 */
export function systemQueries(servers?: readonly string[]): NameQueries {
  const resolver = new Resolver({ timeout: TIME_LIMITS.nameQuery, tries: NAME_QUERY_TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return {
    resolve4: (name) => resolver.resolve4(name),
    resolve6: (name) => resolver.resolve6(name),
    lookup: async (name) => (await lookup(name, { all: true })).map((it) => it.address),
  };
}

type Family = { ok: true; addresses: string[] } | { ok: false; failure: EgressError };

async function family(query: Promise<string[]>): Promise<Family> {
  try {
    const addresses = await query;
    return addresses.length > 0 ? { ok: true, addresses } : { ok: false, failure: dnsFailure("ENODATA") };
  } catch (error) {
    return { ok: false, failure: dnsFailure(error) };
  }
}

/** The value of `promise`, or of `late()` when `ms` have passed. */
async function within<Value>(ms: number, promise: Promise<Value>, late: () => Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(late()), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

const tooLate = (): Family => ({ ok: false, failure: dnsFailure("ETIMEOUT") });

async function bothFamilies(queries: NameQueries, name: string): Promise<Family> {
  const v4 = family(queries.resolve4(name));
  const v6 = family(queries.resolve6(name));
  const first = await Promise.race([v4, v6]);
  const patienceMs = first.ok ? SECOND_FAMILY_MS_MAX : TIME_LIMITS.names;
  const [a, aaaa] = await Promise.all([within(patienceMs, v4, tooLate), within(patienceMs, v6, tooLate)]);
  if (!a.ok && !aaaa.ok) return { ok: false, failure: worstDnsFailure(a.failure, aaaa.failure) };
  return { ok: true, addresses: [...(a.ok ? a.addresses : []), ...(aaaa.ok ? aaaa.addresses : [])] };
}

async function ask(queries: NameQueries, guard: AddressGuard, name: string): Promise<readonly string[]> {
  const answer = guard.opensName(name) ? family(queries.lookup(name)) : bothFamilies(queries, name);
  const result = await within(TIME_LIMITS.names, answer, tooLate);
  if (!result.ok) throw result.failure;
  if (result.addresses.length > ANSWERS_MAX)
    throw new EgressError("dns.failed", "the host name has too many addresses");
  return result.addresses;
}

/** Looks names up once at a time and remembers the answers for seconds. What the addresses are is the guard's business. */
export function createResolver(options: ResolverOptions): NameResolver {
  const queries = options.queries ?? systemQueries();
  const cache = new AnswerCache(options.now ?? (() => performance.now()));
  return {
    async resolve(name) {
      const host = bareHost(name);
      // c-ares does not read the hosts file, and nobody else is asked where this machine is.
      if (options.guard.allowLoopback && host === "localhost") return ["127.0.0.1", "::1"];
      return cache.get(host, () => ask(queries, options.guard, host));
    },
  };
}
