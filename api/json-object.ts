/** JSON objects of callers, checked without copying them: zod's own records would drop a `__proto__` silently. */
import { z } from "zod";
import { isJsonObject, jsonProblem } from "../core/json.js";
import type { JsonObject } from "../core/json.js";

/** Any JSON object, at most 64 levels deep, without `__proto__` keys. Passed on as it is. */
export const jsonObject = checkedObject<JsonObject>(true);

/** Texts by key; names and lengths are for the caller to bound. */
export function textMap(keyCharsMax: number, valueCharsMax: number) {
  const map = z.record(z.string().min(1).max(keyCharsMax), z.string().max(valueCharsMax));
  return checkedObject<Record<string, string>>({ type: "string", maxLength: valueCharsMax }).pipe(map);
}

/** `Shape` is what callers are asked for; only that it is an object is checked here. */
function checkedObject<Shape extends JsonObject>(additionalProperties: true | Record<string, unknown>) {
  return (
    z
      .custom<Shape>(isJsonObject, "must be a JSON object")
      // First of all: what follows inherits it, and the OpenAPI generator looks at every step.
      .meta({ override: { type: "object", additionalProperties } })
      .superRefine((value, context) => {
        const problem = isJsonObject(value) ? jsonProblem(value) : null;
        if (problem !== null) context.addIssue({ code: "custom", ...problem, input: value });
      })
  );
}
