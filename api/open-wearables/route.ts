/** What a route of Open Wearables is made of. */
import type { z } from "zod";
import type { Scope } from "../../core/scopes.js";
import type { ApiCaller } from "../caller.js";
import type { CallerContext } from "../context.js";

/** A request whose key is known. */
export interface Call {
  /** Our own procedures, for everything that they can do. */
  api: ApiCaller;
  /** For what they have no words for. */
  context: CallerContext;
  /** A part of the path. */
  part: (name: string) => string;
  /** The body; an absent one and `null` are `{}`. Fields that the schema does not name are ignored, as there. */
  body: <Schema extends z.ZodType>(schema: Schema) => Promise<z.output<Schema>>;
  /** The query: each parameter as a list of its values. Unknown ones are ignored, as there. */
  query: <Schema extends z.ZodType>(schema: Schema) => z.output<Schema>;
}

/** What is answered; 204 has no body. */
export type Reply = { status: 200 | 201 | 202; body: unknown } | { status: 204 };

export interface Route {
  method: "get" | "post" | "patch" | "delete";
  /** As express writes it, after `/api/v1`. */
  path: `/${string}`;
  /**
   * What the key needs before anything is read for it: routes with a body, and those that read without procedures. The
   * procedures that are called ask for theirs as well.
   */
  scopes?: readonly Scope[];
  handle: (call: Call) => Promise<Reply>;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}
