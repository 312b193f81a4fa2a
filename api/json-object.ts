/** JSON objects of callers, checked without copying them: zod's own records would drop a `__proto__` silently. */
import { z } from "zod";

export type JsonObject = Record<string, unknown>;

/** Levels of objects and arrays inside each other. */
const DEPTH_MAX = 64;

interface JsonProblem {
  path: PropertyKey[];
  message: string;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What makes a JSON value unfit: too deep, a key that poisons prototypes, or no number. `null`: nothing. */
function jsonProblem(value: object, depth = 0): JsonProblem | null {
  if (depth >= DEPTH_MAX) return { path: [], message: `must not be nested deeper than ${DEPTH_MAX} levels` };
  // Without a list of the entries: this runs over every payload, and nearly all are fine.
  if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      if (key === "__proto__") return { path: [key], message: "the key __proto__ is not allowed" };
      const problem = itemProblem(key, value[key], depth);
      if (problem !== null) return problem;
    }
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const problem = itemProblem(index, value[index], depth);
      if (problem !== null) return problem;
    }
  }
  return null;
}

function itemProblem(key: PropertyKey, item: unknown, depth: number): JsonProblem | null {
  // Parsed from a text such as 1e400; written again it would be null.
  if (item === Infinity || item === -Infinity) return { path: [key], message: "is larger than numbers can be" };
  if (typeof item !== "object" || item === null) return null;
  const problem = jsonProblem(item, depth + 1);
  // The path is made on the way back.
  return problem === null || problem.path.length === 0 ? problem : { ...problem, path: [key, ...problem.path] };
}

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
