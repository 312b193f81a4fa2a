/** What requests to Metriport's routes say. Bodies are read as JSON whatever their content type says, as `curl -d` sends them. */
import type { Request } from "express";
import { z } from "zod";
import { isJsonObject } from "../../core/json.js";
import { invalidInput, parseInput } from "../input-issues.js";
import { readJson } from "../rest/body.js";
import { readQuery } from "../rest/query.js";
import { reference } from "../schemas/fields.js";

const POISON = "__proto__";

/** @throws `payload_too_large`, `malformed_json`, `invalid_input` */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  bytesMax: number,
): Promise<z.output<Schema>> {
  const body = (await readJson(request, bytesMax)) ?? {};
  // Strict objects of zod pass over it.
  if (isJsonObject(body) && Object.hasOwn(body, POISON)) {
    throw invalidInput([{ path: POISON, message: "unknown field" }]);
  }
  return parseInput(schema, body);
}

/**
 * The customer that an admin key names by `?application=`; `undefined` if it names none.
 *
 * @throws `invalid_input`
 */
export function namedApplication({ originalUrl }: Request): string | undefined {
  const named = readQuery(originalUrl).get("application") ?? [];
  if (named.length > 1) throw invalidInput([{ path: "application", message: "is given twice" }]);
  return parseInput(z.strictObject({ application: reference.optional() }), { application: named[0] }).application;
}
