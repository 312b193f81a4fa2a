/** Who a request acts for. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isPosthornError, PosthornError } from "../core/errors.js";
import type { ApiKeyStore, Clock } from "../core/ports.js";
import type { Access, Principal } from "./context.js";
import type { ApiConfig } from "./deps.js";
import { ExpiringCache } from "./expiring-cache.js";
import { parseApiKeyId } from "./keys/api-key.js";
import { isLocalCaller } from "./open-access.js";

/** How long a revoked key may go on working in this process. */
const CACHE_TTL_MS = 5_000;
const TOKEN_CHARS_MAX = 512;

export interface AuthenticatorDeps {
  apiKeys: ApiKeyStore;
  clock: Clock;
  config: Pick<ApiConfig, "adminKey" | "openAccess">;
}

/** Decides about a request from its `Authorization: Bearer` header and, in `dev`, from where it comes. */
export type Authenticate = (request: IncomingMessage) => Promise<Access>;

export function createAuthenticator(deps: AuthenticatorDeps): Authenticate {
  const { apiKeys, clock, config } = deps;
  const cache = new ExpiringCache<Principal>(() => clock.now(), { ttlMs: CACHE_TTL_MS, entriesMax: 10_000 });
  const adminDigest = config.adminKey === null ? null : digest(config.adminKey.reveal());

  async function principalOf(token: string): Promise<Principal | null> {
    const sent = digest(token);
    if (adminDigest !== null && timingSafeEqual(sent, adminDigest)) return { kind: "admin" };
    const keyId = parseApiKeyId(token);
    if (keyId === null) return null;
    const cacheKey = sent.toString("base64");
    const known = cache.get(cacheKey);
    if (known !== undefined) return known;
    const row = await apiKeys.find(keyId);
    // An unknown id costs the same comparison as a wrong secret.
    const matches = timingSafeEqual(sent, row === null ? digest("") : stored(row.hash));
    if (row === null || !matches || row.revokedAt !== null) return null;
    const principal: Principal =
      row.applicationId === null ? { kind: "admin" } : { kind: "application", applicationId: row.applicationId };
    cache.set(cacheKey, principal);
    return principal;
  }

  async function decide(request: IncomingMessage): Promise<Principal> {
    const header = request.headers.authorization;
    if (header === undefined) {
      if (config.openAccess === "loopback-admin" && isLocalCaller(request)) return { kind: "admin" };
      throw new PosthornError("unauthorized");
    }
    const token = /^bearer +(\S+)$/i.exec(header.trim())?.[1];
    const principal = token === undefined || token.length > TOKEN_CHARS_MAX ? null : await principalOf(token);
    if (principal === null) throw new PosthornError("unauthorized");
    return principal;
  }

  return async (request) => {
    try {
      return { granted: true, principal: await decide(request) };
    } catch (error) {
      if (isPosthornError(error)) return { granted: false, error };
      throw error;
    }
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The digest of a row; a row that was damaged matches nothing. */
function stored(hash: string): Buffer {
  const bytes = Buffer.from(hash, "hex");
  return bytes.length === 32 ? bytes : digest("");
}
