/** The REST routes that the procedures' meta describes. */
import { procedures } from "../caller.js";
import type { NamedProcedure } from "../caller.js";
import type { RestMethod } from "../procedure-meta.js";

export interface RestRoute {
  procedure: NamedProcedure;
  method: RestMethod;
  /** As express writes it: `/v1/endpoints/:id`. */
  path: string;
  /** Fields of the input that the path carries. */
  pathFields: string[];
  /** Whether the input comes in the query; else in the body. */
  queryIsInput: boolean;
}

export function restRoutes(): RestRoute[] {
  return procedures().map((procedure) => {
    const { method, path } = procedure.meta.openapi;
    return {
      procedure,
      method,
      path: path.replaceAll(/\{(\w+)\}/g, ":$1"),
      pathFields: [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name])),
      queryIsInput: method === "GET" || method === "DELETE",
    };
  });
}
