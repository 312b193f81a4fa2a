/** What every procedure call knows: who asks, for what, and with which services. */
import type { PosthornError } from "../core/errors.js";
import type { Scope } from "../core/scopes.js";
import type { ApplicationFinder } from "./application-finder.js";
import { AuditNote } from "./audit/note.js";
import type { ApiServices } from "./deps.js";
import { requireScope } from "./keys/require-scope.js";
import type { Pings } from "./metriport/pings.js";

/** What a key may do, within what its kind may reach. */
export interface KeyBounds {
  /** `null`: everything. */
  scopes: readonly Scope[] | null;
  expiresAt: Date | null;
  rateLimitPerSecond: number | null;
}

/** Who a request acts for. An application's key never reaches another application. */
export type Principal = KeyBounds & {
  /** See `AuditEntry.keyId`. */
  keyId: string;
} & ({ kind: "admin" } | { kind: "application"; applicationId: string });

/** Authentication never throws, so that each procedure of a batch can answer with the same error. */
export type Access = { granted: true; principal: Principal } | { granted: false; error: PosthornError };

export interface ApiContext {
  services: ApiServices;
  applications: ApplicationFinder;
  pings: Pings;
  access: Access;
  /** Forgets what this process knows of keys, so that a change to them holds at once. */
  forgetKeys: () => void;
  requestId: string;
  version: string;
  /** See `ApiConfig.bodyBytesMax`. */
  bodyBytesMax: number;
  /** See `ApiConfig.settleMsMax`. */
  settleMsMax: number;
}

/** A context whose caller is known. */
export interface CallerContext extends ApiContext {
  principal: Principal;
  /** What the audit list will say about this call. */
  audit: AuditNote;
}

/**
 * For routes that are no procedures.
 *
 * @throws what authentication refused with; `forbidden` if the key lacks one of the scopes
 */
export function callerContext(context: ApiContext, scopes: readonly Scope[]): CallerContext {
  const { access } = context;
  if (!access.granted) throw access.error;
  for (const scope of scopes) requireScope(access.principal, scope);
  return { ...context, principal: access.principal, audit: new AuditNote() };
}
