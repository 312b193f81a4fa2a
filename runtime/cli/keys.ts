/** `posthorn keys`: API keys are made and revoked by whoever can reach the store. */
import { randomBytes } from "node:crypto";
import { answerKey } from "../../api/answers/key.js";
import { describeChange } from "../../api/audit/describe.js";
import { createApiKey } from "../../api/keys/api-key.js";
import type { ApiKey } from "../../core/model.js";
import type { Store } from "../../store/connect.js";
import { ensureBuiltInApplications } from "../built-in-applications.js";
import { enter } from "./audit.js";
import { parseExpiry, parseRateLimit, parseScopes } from "./key-options.js";
import { fail, printable, say } from "./print.js";
import { withStore } from "./with-store.js";

export interface CreateKeyOptions {
  admin?: boolean;
  application: string;
  name: string;
  scope?: string[];
  expires?: string;
  rateLimit?: string;
}

export async function createKey(options: CreateKeyOptions): Promise<void> {
  const now = new Date();
  const bounds = {
    scopes: parseScopes(options.scope),
    expiresAt: parseExpiry(options.expires, now),
    rateLimitPerSecond: parseRateLimit(options.rateLimit),
  };
  await withStore(async (store) => {
    await store.ensureIndexes();
    await ensureBuiltInApplications(store, now);
    const application = options.admin === true ? null : await store.applications.find(options.application);
    if (application === null && options.admin !== true) {
      fail(`no application has the id or uid "${options.application}"`);
    }
    const applicationId = application?.id ?? null;
    const key = createApiKey({ name: options.name, applicationId, ...bounds, now, randomBytes });
    await store.apiKeys.insert(key.row);
    say(key.text.reveal());
    process.stderr.write(
      `This key is shown once. It ${applicationId === null ? "is an admin key" : `belongs to ${applicationId}`}; its id is ${key.row.id}.\n`,
    );
    await enterKey(store, "keys.create", null, key.row);
  });
}

export function listKeys(): Promise<void> {
  return withStore(async (store) => {
    const keys = await store.apiKeys.list();
    if (keys.length === 0) say("no keys");
    for (const key of keys) say(lineOf(key));
  });
}

export function revokeKey(id: string): Promise<void> {
  // Not repeated: it may be a key that works.
  if (id.startsWith("phk_")) return fail("this is a key, or part of one; posthorn keys list shows the ids");
  return withStore(async (store) => {
    const before = await store.apiKeys.find(id);
    if (before === null || !(await store.apiKeys.revoke(id, new Date()))) {
      fail(`no active key has the id "${id}"; posthorn keys list`);
    }
    say(`revoked ${id}`);
    await enterKey(store, "keys.revoke", before, null);
  });
}

function lineOf(key: ApiKey): string {
  return [
    key.id,
    `…${key.last4}`,
    key.applicationId ?? "admin",
    `created ${key.createdAt.toISOString()}`,
    stateOf(key),
    key.lastUsedAt === null ? "never used" : `used ${key.lastUsedAt.toISOString()}`,
    key.scopes === null ? "all scopes" : key.scopes.join(","),
    key.rateLimitPerSecond === null ? "no rate limit" : `${key.rateLimitPerSecond}/s`,
    printable(key.name),
  ].join("  ");
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${revokedAt.toISOString()}`;
  if (expiresAt === null) return "active";
  return `${expiresAt <= new Date() ? "expired" : "active until"} ${expiresAt.toISOString()}`;
}

/** As over the API: see `api/audit/record.ts`. */
async function enterKey(store: Store, action: string, before: ApiKey | null, after: ApiKey | null): Promise<void> {
  const key = after ?? before;
  if (key === null) return;
  const described = describeChange({
    action,
    targetId: key.id,
    before: before && answerKey(before),
    output: after === null ? undefined : answerKey(after),
    named: [],
  });
  await enter(store, { applicationId: key.applicationId, action, ...described });
}
