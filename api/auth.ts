/** Who a request acts for. */
import type { IncomingMessage } from "node:http";
import { aside } from "../core/aside.js";
import { isPosthornError, PosthornError } from "../core/errors.js";
import type { ApiKey } from "../core/model.js";
import type { Clock, Log, Metrics } from "../core/ports.js";
import type { ApiKeyStore } from "../core/store-ports.js";
import type { Access, Principal } from "./context.js";
import type { ApiConfig } from "./deps.js";
import { ExpiringCache } from "./expiring-cache.js";
import { hashApiKey, parseApiKeyId } from "./keys/api-key.js";
import { clientAddress } from "./keys/client-address.js";
import type { ClientRequest } from "./keys/client-address.js";
import { LastUse } from "./keys/last-use.js";
import { RateLimited } from "./keys/rate-limited.js";
import { RefusedKeys } from "./keys/refused-keys.js";
import { isSameDigest } from "./keys/same-digest.js";
import { rateOf, TokenBuckets } from "./keys/token-buckets.js";
import { isLocalCaller } from "./open-access.js";

/** How long a key that another process revoked may go on working in this one. */
const CACHE_TTL_MS = 5_000;
/** How long a key that was right counts as no guess. */
const PROVEN_TTL_MS = 3_600_000;
const KEYS_MAX = 10_000;
const CLIENTS_MAX = 10_000;
const TOKEN_CHARS_MAX = 512;
/** Wrong keys of one client address. */
const FAILURES = rateOf(20);

/** What a wrong key, and a key from an address that guesses, is answered with. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthorized", "rate_limited"]);

/** What a key whose id is unknown is compared with. */
const NO_KEY = hashApiKey("");
const UNBOUNDED = { scopes: null, expiresAt: null, rateLimitPerSecond: null };
const OPEN_ACCESS: Principal = { kind: "admin", keyId: "open-access", ...UNBOUNDED };
const OPERATOR: Principal = { kind: "admin", keyId: "admin-key", ...UNBOUNDED };

export interface AuthenticatorDeps {
  apiKeys: Pick<ApiKeyStore, "find" | "touch">;
  clock: Clock;
  log: Log;
  metrics?: Pick<Metrics, "authRefused"> | undefined;
  config: Pick<ApiConfig, "adminKey" | "openAccess">;
}

interface Guess {
  token: string;
  /** See {@link hashApiKey}. */
  sent: string;
  /** Who gets a token of the limit back if it was right; `null`: nobody paid one. */
  guesser: string | null;
}

type CallerRequest = IncomingMessage & ClientRequest;

export interface Authenticator {
  /**
   * Decides about a request from its `Authorization: Bearer` header, else from `x-api-key`, and, in `dev`, from where it
   * comes. Once for a request: `calls` is what it costs of the key's rate limit.
   */
  authenticate(request: CallerRequest, calls?: number): Promise<Access>;
  /**
   * The same where it can be said without asking the store and without the address of the client, as of a key that was
   * right a moment ago; `null`: nothing was decided, nor paid.
   */
  authenticateAtOnce(request: IncomingMessage): Access | null;
  /** After a change of keys made by this process. */
  forget(): void;
}

export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { apiKeys, clock, config } = deps;
  const now = () => clock.now();
  const cache = new ExpiringCache<Principal>(now, { ttlMs: CACHE_TTL_MS, entriesMax: KEYS_MAX });
  const proven = new ExpiringCache<true>(now, { ttlMs: PROVEN_TTL_MS, entriesMax: KEYS_MAX });
  const requests = new TokenBuckets(clock, { entriesMax: KEYS_MAX });
  const failures = new TokenBuckets(clock, { entriesMax: CLIENTS_MAX });
  const lastUse = new LastUse(deps);
  const refusedKeys = new RefusedKeys(deps);
  const decided = new WeakMap<IncomingMessage, Promise<Access>>();
  /** Keys that the store is being asked for: no more than there are requests. */
  const underWay = new Map<string, Promise<Principal>>();
  const adminDigest = config.adminKey === null ? null : hashApiKey(config.adminKey.reveal());
  let generation = 0;

  async function lookUp(token: string, sent: string): Promise<Principal | null> {
    if (adminDigest !== null && isSameDigest(sent, adminDigest)) return OPERATOR;
    const keyId = parseApiKeyId(token);
    if (keyId === null) return null;
    const row = await apiKeys.find(keyId);
    // An unknown id costs the same comparison as a wrong secret.
    const matches = isSameDigest(sent, row?.hash ?? NO_KEY);
    return row === null || !matches || row.revokedAt !== null ? null : principalOf(row);
  }

  /**
   * The same key at the same time is one guess and one read: a client with many requests under way, to a process that has
   * just started, is nobody who guesses.
   *
   * @throws `unauthorized`, `rate_limited` and what the store rejects with
   */
  async function verify(token: string, client: string): Promise<Principal> {
    const sent = hashApiKey(token);
    const others = underWay.get(sent);
    if (others !== undefined) return others;
    // Whoever guesses must not learn from an answer that a guess was right, so the limit comes before the look. Keys that
    // were right before are no guesses: they go on working while somebody else behind the same address guesses.
    const isGuess = proven.get(sent) === undefined;
    if (isGuess) limitFailures(client);
    const ours = verifyAnew({ token, sent, guesser: isGuess ? client : null });
    underWay.set(sent, ours);
    try {
      return await ours;
    } finally {
      if (underWay.get(sent) === ours) underWay.delete(sent);
    }
  }

  async function verifyAnew({ token, sent, guesser }: Guess): Promise<Principal> {
    const isNoGuess = (): void => {
      if (guesser !== null) failures.giveBack(guesser, FAILURES);
    };
    const before = generation;
    // The row may be as old as the question, however long the answer takes.
    const askedAt = clock.now();
    const principal = await lookUp(token, sent).catch((error: unknown) => {
      isNoGuess();
      throw error;
    });
    if (principal === null || isExpired(principal)) {
      proven.delete(sent);
      throw new PosthornError("unauthorized");
    }
    isNoGuess();
    proven.set(sent, true);
    // What was read before a key was revoked here must not be remembered after it.
    if (before === generation) cache.set(sent, principal, askedAt);
    return principal;
  }

  /** Looks again in time at a key that is in use, for a request that waits for it takes much longer. Never rejects. */
  async function renew(token: string, sent: string): Promise<void> {
    try {
      await verifyAnew({ token, sent, guesser: null });
    } catch (error) {
      // Anything else is for whoever needs it when its time is over.
      if (isPosthornError(error) && error.code === "unauthorized") cache.delete(sent);
    }
  }

  function isExpired({ expiresAt }: Principal): boolean {
    return expiresAt !== null && expiresAt.getTime() <= clock.now();
  }

  function limitFailures(client: string): void {
    const waitMs = failures.take(client, FAILURES);
    if (waitMs > 0) throw new RateLimited("Too many wrong keys came from this address.", FAILURES, waitMs);
  }

  function limitRequests({ keyId, rateLimitPerSecond }: Principal, calls: number): void {
    if (rateLimitPerSecond === null) return;
    const rate = rateOf(rateLimitPerSecond);
    const waitMs = requests.take(keyId, rate, calls);
    if (waitMs > 0) {
      throw new RateLimited(`This key may make ${rateLimitPerSecond} requests a second.`, rate, waitMs);
    }
  }

  /** As {@link verify}; what is refused is told to the operator. */
  async function principalWith(token: string | undefined, client: string): Promise<Principal> {
    try {
      if (token !== undefined && token.length <= TOKEN_CHARS_MAX) return await verify(token, client);
      limitFailures(client);
      throw new PosthornError("unauthorized");
    } catch (error) {
      if (isPosthornError(error) && REFUSALS.has(error.code)) refusedKeys.note(client);
      throw error;
    }
  }

  /** @returns `null` if that takes the store, or concerns who guesses */
  function decideAtOnce(token: string | null | undefined, request: IncomingMessage, calls: number): Principal | null {
    if (token === null) {
      if (config.openAccess === "loopback-admin" && isLocalCaller(request)) return OPEN_ACCESS;
      throw new PosthornError("unauthorized");
    }
    if (token === undefined || token.length > TOKEN_CHARS_MAX) return null;
    const sent = hashApiKey(token);
    const known = cache.get(sent);
    if (known === undefined || isExpired(known)) return null;
    if (cache.claimRenewal(sent)) aside(() => void renew(token, sent));
    return admitted(known, calls);
  }

  async function decide(request: CallerRequest, calls: number): Promise<Principal> {
    const token = sentToken(request);
    const atOnce = decideAtOnce(token, request, calls);
    return atOnce ?? admitted(await principalWith(token ?? undefined, clientAddress(request)), calls);
  }

  /** @throws `rate_limited` */
  function admitted(principal: Principal, calls: number): Principal {
    limitRequests(principal, calls);
    if (principal !== OPERATOR) lastUse.note(principal.keyId);
    return principal;
  }

  return {
    authenticate(request, calls = 1) {
      const known = decided.get(request);
      if (known !== undefined) return known;
      const decision = decide(request, calls).then(granted, refused);
      decided.set(request, decision);
      return decision;
    },
    authenticateAtOnce(request) {
      try {
        const principal = decideAtOnce(sentToken(request), request, 1);
        return principal === null ? null : granted(principal);
      } catch (error) {
        return refused(error);
      }
    },
    forget() {
      generation += 1;
      cache.clear();
      underWay.clear();
    },
  };
}

function granted(principal: Principal): Access {
  return { granted: true, principal };
}

/** @throws what is no refusal */
function refused(error: unknown): Access {
  if (isPosthornError(error)) return { granted: false, error };
  throw error;
}

function principalOf({ id, applicationId, scopes, expiresAt, rateLimitPerSecond }: ApiKey): Principal {
  const bounds = { keyId: id, scopes, expiresAt, rateLimitPerSecond };
  return applicationId === null ? { kind: "admin", ...bounds } : { kind: "application", applicationId, ...bounds };
}

/** `null`: none was sent; `undefined`: something that cannot be one. */
function sentToken({ headers }: IncomingMessage): string | null | undefined {
  const bearer = headers.authorization;
  if (bearer !== undefined) return /^bearer +(\S+)$/i.exec(bearer.trim())?.[1];
  const key = headers["x-api-key"];
  if (key === undefined) return null;
  // Two of them come as one text with a comma and a space.
  return /^\S+$/.exec(String(key).trim())?.[0];
}
