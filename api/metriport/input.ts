/** What requests to Metriport's routes say. Bodies are read as JSON whatever their content type says, as `curl -d` sends them. */
import type { Request } from "express";
import { z } from "zod";
import { inputIssues, invalidInput } from "../input-issues.js";
import { isJsonObject } from "../json-object.js";
import { readJson } from "../rest/body.js";
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
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidInput(inputIssues(parsed.error.issues));
  return parsed.data;
}

/**
 * The customer that an admin key names by `?application=`; `undefined` if it names none.
 *
 * @throws `invalid_input`
 */
export function namedApplication({ originalUrl }: Request): string | undefined {
  const start = originalUrl.indexOf("?");
  const named = new URLSearchParams(start < 0 ? "" : originalUrl.slice(start + 1)).getAll("application");
  if (named.length > 1) throw invalidInput([{ path: "application", message: "is given twice" }]);
  const parsed = z.strictObject({ application: reference.optional() }).safeParse({ application: named[0] });
  if (!parsed.success) throw invalidInput(inputIssues(parsed.error.issues));
  return parsed.data.application;
}
