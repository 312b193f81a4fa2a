/** Who a request acts for. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isPosthornError, PosthornError } from "../core/errors.js";
import type { ApiKey } from "../core/model.js";
import type { ApiKeyStore, Clock, Log, Metrics } from "../core/ports.js";
import type { Access, Principal } from "./context.js";
import type { ApiConfig } from "./deps.js";
import { ExpiringCache } from "./expiring-cache.js";
import { parseApiKeyId } from "./keys/api-key.js";
import { clientAddress } from "./keys/client-address.js";
import type { ClientRequest } from "./keys/client-address.js";
import { LastUse } from "./keys/last-use.js";
import { RateLimited } from "./keys/rate-limited.js";
import { RefusedKeys } from "./keys/refused-keys.js";
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
  /** SHA-256 of the token. */
  sent: Buffer;
  cacheKey: string;
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
  const adminDigest = config.adminKey === null ? null : digest(config.adminKey.reveal());
  let generation = 0;

  async function lookUp(token: string, sent: Buffer): Promise<Principal | null> {
    if (adminDigest !== null && timingSafeEqual(sent, adminDigest)) return OPERATOR;
    const keyId = parseApiKeyId(token);
    if (keyId === null) return null;
    const row = await apiKeys.find(keyId);
    // An unknown id costs the same comparison as a wrong secret.
    const matches = timingSafeEqual(sent, row === null ? digest("") : stored(row.hash));
    return row === null || !matches || row.revokedAt !== null ? null : principalOf(row);
  }

  /**
   * The same key at the same time is one guess and one read: a client with many requests under way, to a process that has
   * just started, is nobody who guesses.
   *
   * @throws `unauthorized`, `rate_limited` and what the store rejects with
   */
  async function verify(token: string, client: string): Promise<Principal> {
    const sent = digest(token);
    const cacheKey = sent.toString("base64");
    const known = cache.get(cacheKey);
    if (known !== undefined && !isExpired(known)) return known;
    const others = underWay.get(cacheKey);
    if (others !== undefined) return others;
    // Whoever guesses must not learn from an answer that a guess was right, so the limit comes before the look. Keys that
    // were right before are no guesses: they go on working while somebody else behind the same address guesses.
    const isGuess = proven.get(cacheKey) === undefined;
    if (isGuess) limitFailures(client);
    const ours = verifyAnew({ token, sent, cacheKey, guesser: isGuess ? client : null });
    underWay.set(cacheKey, ours);
    try {
      return await ours;
    } finally {
      if (underWay.get(cacheKey) === ours) underWay.delete(cacheKey);
    }
  }

  async function verifyAnew({ token, sent, cacheKey, guesser }: Guess): Promise<Principal> {
    const isNoGuess = (): void => {
      if (guesser !== null) failures.giveBack(guesser, FAILURES);
    };
    const before = generation;
    const principal = await lookUp(token, sent).catch((error: unknown) => {
      isNoGuess();
      throw error;
    });
    if (principal === null || isExpired(principal)) {
      proven.delete(cacheKey);
      throw new PosthornError("unauthorized");
    }
    isNoGuess();
    proven.set(cacheKey, true);
    // What was read before a key was revoked here must not be remembered after it.
    if (before === generation) cache.set(cacheKey, principal);
    return principal;
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

  async function decide(request: CallerRequest, calls: number): Promise<Principal> {
    const token = sentToken(request);
    if (token === null) {
      if (config.openAccess === "loopback-admin" && isLocalCaller(request)) return OPEN_ACCESS;
      throw new PosthornError("unauthorized");
    }
    const principal = await principalWith(token, clientAddress(request));
    limitRequests(principal, calls);
    if (principal !== OPERATOR) lastUse.note(principal.keyId);
    return principal;
  }

  async function access(request: CallerRequest, calls: number): Promise<Access> {
    try {
      return { granted: true, principal: await decide(request, calls) };
    } catch (error) {
      if (isPosthornError(error)) return { granted: false, error };
      throw error;
    }
  }

  return {
    authenticate(request, calls = 1) {
      const known = decided.get(request);
      if (known !== undefined) return known;
      const decision = access(request, calls);
      decided.set(request, decision);
      return decision;
    },
    forget() {
      generation += 1;
      cache.clear();
      underWay.clear();
    },
  };
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

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The digest of a row; a row that was damaged matches nothing. */
function stored(hash: string): Buffer {
  const bytes = Buffer.from(hash, "hex");
  return bytes.length === 32 ? bytes : digest("");
}
