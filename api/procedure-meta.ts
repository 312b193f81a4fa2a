/** How a procedure looks as REST. */

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

export interface ProcedureMeta extends Record<string, unknown> {
  openapi: OpenApiOperation;
  /** Status of a success. 204 has no body. */
  status: RestStatus;
}

/** Meta of a procedure whose success is answered with `status`. */
export function rest(operation: RestOperation, status: RestStatus = 200): ProcedureMeta {
  return { openapi: { ...operation, errorResponses: [] }, status };
}
