/** Writes the audit list: one entry after each call that changed something. */
import type { ErrorCode } from "../../core/errors.js";
import { isJsonObject } from "../../core/json.js";
import type { AuditEntry } from "../../core/model.js";
import type { CallerContext } from "../context.js";
import { errorAnswer } from "../error-answer.js";
import { describeChange } from "./describe.js";
import type { AuditNote } from "./note.js";

/** After these something may have changed all the same: a command was given, or the second of two steps failed. */
const UNCERTAIN: ReadonlySet<ErrorCode> = new Set([
  "attempt_in_flight",
  "engine_unavailable",
  "store_unavailable",
  "internal",
]);

interface AuditedCall {
  /** The procedure's name, or what a route that is none is called. */
  action: string;
  input: () => Promise<unknown>;
  result: { ok: true; data: unknown } | { ok: false; error: unknown };
}

type Caller = Pick<CallerContext, "services" | "principal" | "requestId" | "audit">;
type Told = Pick<AuditEntry, "action" | "targetIds" | "before" | "after" | "error">;

/**
 * The entry for a call, if there is something to tell. Awaited by the call, so that whoever has its answer finds the
 * entry. Never rejects: a failure is logged and changes nothing about the answer, because the change is made and cannot be
 * taken back, and a caller that was told of a failure would repeat it.
 */
export async function recordCall(caller: Caller, call: AuditedCall): Promise<void> {
  const { log } = caller.services;
  const { requestId } = caller;
  try {
    const told = call.result.ok ? await toldOf(caller, call) : toldOfFailure(caller, call);
    if (told === null) return;
    await append(caller, told);
  } catch (error) {
    const fields = { event: "audit.failed", requestId, action: call.action };
    log.error(fields, "a change is not on the audit list", error);
  }
}

async function toldOf({ audit }: Caller, { action, input, result }: AuditedCall): Promise<Told> {
  // It was read and found right, or there would be no result.
  const given = await input();
  const named = isJsonObject(given) ? Object.keys(given) : [];
  const output = result.ok ? result.data : null;
  const before = audit.before?.() ?? null;
  const described = describeChange({ action, targetId: audit.targetId, before, output, named });
  return { action, ...described, error: null };
}

/** `null`: nothing has changed. */
function toldOfFailure({ audit }: Caller, { action, result }: AuditedCall): Told | null {
  if (result.ok || audit.targetId === null) return null;
  const { code } = errorAnswer(result.error, "").body;
  if (!UNCERTAIN.has(code)) return null;
  return { action, targetIds: [audit.targetId], before: null, after: null, error: code };
}

async function append({ services, principal, requestId, audit }: Caller, told: Told): Promise<void> {
  const { ids, stores } = services;
  const id = ids.next("audit");
  const at = new Date(ids.timeOf(id));
  const applicationId = applicationOfEntry(audit, principal, told);
  await stores.audit.append({ id, applicationId, at, keyId: principal.keyId, requestId, ...told });
}

function applicationOfEntry(
  { applicationId }: AuditNote,
  principal: Caller["principal"],
  { action, targetIds }: Told,
): string | null {
  if (applicationId !== null) return applicationId;
  if (action === "applications.create") return targetIds[0] ?? null;
  return principal.kind === "application" ? principal.applicationId : null;
}

/**
 * Does what a route that is no procedure does, and puts it on the list.
 *
 * @param shown what of the result is the thing itself
 */
export async function audited<Result>(
  caller: Caller,
  action: string,
  work: () => Promise<Result>,
  shown: (result: Result) => unknown = () => null,
): Promise<Result> {
  const input = () => Promise.resolve(null);
  try {
    const data = await work();
    await recordCall(caller, { action, input, result: { ok: true, data: shown(data) } });
    return data;
  } catch (error) {
    await recordCall(caller, { action, input, result: { ok: false, error } });
    throw error;
  }
}
