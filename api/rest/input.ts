/** One input out of path, query and body. */
import type { IncomingMessage } from "node:http";
import type { Request } from "express";
import type { InputIssue } from "../../core/errors.js";
import { isJsonObject } from "../../core/json.js";
import type { JsonObject } from "../../core/json.js";
import { invalidInput } from "../input-issues.js";
import { readJson, requireJson } from "./body.js";
import type { BodyLimit } from "./body.js";
import { readQuery } from "./query.js";
import type { RestRoute } from "./routes.js";

/** The only query parameter besides a body: it says for whom, the body says what. */
const QUERY_BESIDE_BODY: ReadonlySet<string> = new Set(["application"]);

const POISON = "__proto__";

/** A request as Node has it or as a route of Express found it: `params` are the texts in the place of parameters of its path. */
type RestRequest = IncomingMessage & { params?: Request["params"] };

/**
 * The input of a procedure as a request gives it. Nothing may be said twice in two ways.
 *
 * @throws `unsupported_media_type`, `payload_too_large`, `malformed_json`, `invalid_input`
 */
export async function readInput(request: RestRequest, route: RestRoute, limit: BodyLimit): Promise<JsonObject> {
  const query = readQuery(request.url ?? "");
  const input = await readBody(request, route, limit);
  const issues: InputIssue[] = [];
  const merge = (path: string, value: unknown, from: string) => {
    if (!Object.hasOwn(input, path)) input[path] = value;
    else if (input[path] !== value) issues.push({ path, message: `says something else than the ${from}` });
  };
  for (const [name, values] of query) {
    const known = name !== POISON && (route.queryIsInput || QUERY_BESIDE_BODY.has(name));
    if (!known) issues.push({ path: name, message: "unknown query parameter" });
    else if (values.length > 1) issues.push({ path: name, message: "is given twice" });
    else merge(name, values[0], "query");
  }
  for (const name of route.pathFields) merge(name, request.params?.[name], "path");
  if (issues.length > 0) throw invalidInput(issues);
  return input;
}

async function readBody(request: IncomingMessage, route: RestRoute, limit: BodyLimit): Promise<JsonObject> {
  if (route.method === "GET") return {};
  requireJson(request);
  const body = await readJson(request, limit);
  if (body === undefined) return {};
  if (!isJsonObject(body)) throw invalidInput([{ path: "", message: "must be a JSON object" }]);
  // Schemas never see this one: zod passes over it.
  if (Object.hasOwn(body, POISON)) throw invalidInput([{ path: POISON, message: "unknown field" }]);
  return body;
}
