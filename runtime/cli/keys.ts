/** `posthorn keys`: API keys are made and revoked by whoever can reach the store. */
import { randomBytes } from "node:crypto";
import { createApiKey } from "../../api/keys/api-key.js";
import { isPosthornError } from "../../core/errors.js";
import type { Store } from "../../store/connect.js";
import { mongodbUriOf, openStore } from "./connections.js";
import { fail, say } from "./print.js";
import { settings } from "./settings.js";

export interface CreateKeyOptions {
  admin?: boolean;
  application: string;
  name: string;
}

export function createKey(options: CreateKeyOptions): Promise<void> {
  return withStore(async (store) => {
    await store.ensureIndexes();
    await store.ensureDefaultApplication();
    const application = options.admin === true ? null : await store.applications.find(options.application);
    if (application === null && options.admin !== true) {
      fail(`no application has the id or uid "${options.application}"`);
    }
    const applicationId = application?.id ?? null;
    const key = createApiKey({ name: options.name, applicationId, now: new Date(), randomBytes });
    await store.apiKeys.insert(key.row);
    say(key.text.reveal());
    process.stderr.write(
      `This key is shown once. It ${applicationId === null ? "is an admin key" : `belongs to ${applicationId}`}; its id is ${key.row.id}.\n`,
    );
  });
}

export function listKeys(): Promise<void> {
  return withStore(async (store) => {
    const keys = await store.apiKeys.list();
    if (keys.length === 0) say("no keys");
    for (const key of keys) {
      const state = key.revokedAt === null ? "active" : `revoked ${key.revokedAt.toISOString()}`;
      say(
        [key.id, `…${key.last4}`, key.applicationId ?? "admin", key.createdAt.toISOString(), state, key.name].join(
          "  ",
        ),
      );
    }
  });
}

export function revokeKey(id: string): Promise<void> {
  return withStore(async (store) => {
    if (!(await store.apiKeys.revoke(id, new Date()))) fail(`no active key has the id "${id}"; posthorn keys list`);
    say(`revoked ${id}`);
  });
}

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const config = settings();
  const store = await openStore(mongodbUriOf(config));
  try {
    await work(store);
  } catch (error) {
    if (!isPosthornError(error) || error.code !== "store_unavailable") throw error;
    fail([
      "MongoDB does not answer",
      config.MONGODB_URI === null
        ? `the embedded one runs while "posthorn dev" does, on port ${config.POSTHORN_MONGODB_PORT}; or set MONGODB_URI`
        : "check MONGODB_URI",
    ]);
  } finally {
    await store.close();
  }
}
