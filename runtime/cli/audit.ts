/** What the command line changes is on the same audit list as what is changed over the API. */
import { randomBytes } from "node:crypto";
import type { AuditEntry } from "../../core/model.js";
import type { Store } from "../../store/connect.js";
import { createIdSource } from "../ids.js";

type Told = Pick<AuditEntry, "applicationId" | "action" | "targetIds" | "before" | "after">;

/** Writes the entry of a change that is made. */
export async function enter(store: Pick<Store, "audit">, told: Told): Promise<void> {
  const ids = createIdSource({ now: () => Date.now(), randomBytes });
  const id = ids.next("audit");
  const at = new Date(ids.timeOf(id));
  await store.audit.append({ id, at, keyId: "command-line", requestId: "", error: null, ...told });
}
