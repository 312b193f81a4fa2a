/** How a procedure looks as REST, and what a key needs to call it. */
import type { Scope } from "../core/scopes.js";

export type RestMethod = "GET" | "POST" | "PATCH" | "DELETE";
export type RestStatus = 200 | 201 | 202 | 204;

export interface RestOperation {
  method: RestMethod;
  /** With parameters as `{id}`; each is a field of the input. */
  path: `/${string}`;
  summary: string;
  description?: string;
  tags: string[];
}

interface OpenApiOperation extends RestOperation {
  /** For the document generator: none of its own error shapes, ours is added afterwards. */
  errorResponses: number[];
}

/** What a key needs: a scope, or nothing but being a key. */
export type NeededScope = Scope | "any";

export interface CallRules {
  scope: NeededScope;
  /**
   * Whether successful calls go on the audit list. If absent: every mutation does but those with the scope
   * `events:write`, which publish.
   */
  audit?: boolean | undefined;
}

export interface ProcedureMeta extends Record<string, unknown>, CallRules {
  openapi: OpenApiOperation;
  /** Status of a success. 204 has no body. */
  status: RestStatus;
  /** Set: takes bodies up to this many bytes, a few of those above the ordinary limit at once. */
  largeBodyBytesMax?: number | undefined;
}

/** Meta of a procedure whose success is answered with `status`. */
export function rest(
  { scope, audit, ...operation }: RestOperation & CallRules,
  status: RestStatus = 200,
  limits: Pick<ProcedureMeta, "largeBodyBytesMax"> = {},
): ProcedureMeta {
  return { openapi: { ...operation, errorResponses: [] }, scope, audit, status, ...limits };
}

/** Whether successful calls of such a procedure go on the audit list. */
export function isAudited({
  type,
  scope,
  audit,
}: CallRules & { type: "query" | "mutation" | "subscription" }): boolean {
  return audit ?? (type === "mutation" && scope !== "events:write");
}
