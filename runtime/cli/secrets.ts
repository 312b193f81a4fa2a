/** `posthorn secrets`: the keys that signing secrets and header values are sealed with. */
import { randomBytes } from "node:crypto";
import type { AuditEntry } from "../../core/model.js";
import { newKeyEntry } from "../../store/sealing/key-ring.js";
import type { KeyRing } from "../../store/sealing/key-ring.js";
import type { SealedCounts } from "../../store/sealing/sealed-values.js";
import { enter } from "./audit.js";
import { encryptionKeysOf } from "./encryption-keys.js";
import { fail, say } from "./print.js";
import { settings } from "./settings.js";
import { withStore } from "./with-store.js";

/** Prints the entry and nothing else: it is made to be put into a setting. */
export function newKey(): void {
  say(newKeyEntry(randomBytes, new Date()));
}

export async function showStatus(): Promise<void> {
  const keys = await encryptionKeysOf(settings());
  await withStore(async (store) => printCounts(await store.sealedValues.counts(), keys), keys);
}

export async function rotateSecrets(): Promise<void> {
  const keys = await encryptionKeysOf(settings());
  if (keys === null) {
    fail([
      "POSTHORN_ENCRYPTION_KEYS is not set, so there is no key to seal with",
      "set it as for posthorn start: the new key first, then those that are in use",
    ]);
  }
  await withStore(async (store) => {
    const { sealedValues } = store;
    say("before");
    const before = await sealedValues.counts();
    printCounts(before, keys);
    const { values, endpointsLeft } = await sealedValues.rotate();
    say(`sealed ${values} values with ${keys.activeKid}; now`);
    const after = await sealedValues.counts();
    printCounts(after, keys);
    // Before it may fail: what could be sealed is.
    await enter(store, {
      applicationId: null,
      action: "secrets.rotate",
      targetIds: [keys.activeKid],
      before: shown(before),
      after: shown(after),
    });
    const left = [...after.byKid].filter(([kid]) => kid !== keys.activeKid).reduce((sum, [, count]) => sum + count, 0);
    if (left + after.plain === 0 && endpointsLeft === 0) return;
    fail([
      `${left + after.plain} values are not under ${keys.activeKid}`,
      "sealed with a key that is not in POSTHORN_ENCRYPTION_KEYS: add it at the end and rotate again",
      "changed or written meanwhile by a process that has another key first: restart it, and rotate again",
    ]);
  }, keys);
}

/** Names of keys and numbers, for the audit list. */
function shown({ byKid, plain }: SealedCounts): AuditEntry["before"] {
  return { byKid: Object.fromEntries(byKid), plain };
}

function printCounts({ byKid, plain }: SealedCounts, keys: KeyRing | null): void {
  const kids = new Set([...(keys?.kids ?? []), ...byKid.keys()]);
  for (const kid of kids) row(kid, byKid.get(kid) ?? 0, remarkOn(kid, keys));
  row("plain", plain, plain === 0 ? "" : "sealed by posthorn secrets rotate");
}

function remarkOn(kid: string, keys: KeyRing | null): string {
  if (kid === keys?.activeKid) return "active";
  return keys?.keyOf(kid) === undefined ? "not in POSTHORN_ENCRYPTION_KEYS" : "";
}

function row(name: string, count: number, remark: string): void {
  say(`  ${name.padEnd(16)} ${String(count).padStart(8)}  ${remark}`.trimEnd());
}
