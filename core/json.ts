/** JSON that strangers wrote: what it says, and what keeps it from being written anew. */

export type JsonObject = Record<string, unknown>;

interface JsonProblem {
  /** Where it is; empty if that is the value itself, or too deep inside to be told. */
  path: PropertyKey[];
  message: string;
}

/** Levels of objects and arrays inside each other. */
const DEPTH_MAX = 64;
const TOO_LARGE = "is larger than numbers can be";

/** One for all: without `stream` it remembers nothing. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON value that bytes say; `undefined` if they say none. Node parses any depth: see {@link jsonProblem}. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return value;
  } catch {
    return undefined;
  }
}

/**
 * The JSON object that bytes say, for whoever writes it anew; `null` if they say none, or one with a problem: its text
 * would be another one, or there would be none, as `JSON.stringify` runs out of stack where `JSON.parse` does not.
 */
export function jsonObjectIn(bytes: Uint8Array): JsonObject | null {
  const value = parseJson(bytes);
  return isJsonObject(value) && jsonProblem(value) === null ? value : null;
}

/** What makes a JSON value unfit: too deep, a key that poisons prototypes, or no number. `null`: nothing. */
export function jsonProblem(value: unknown): JsonProblem | null {
  if (isTooLarge(value)) return { path: [], message: TOO_LARGE };
  return typeof value === "object" && value !== null ? problemIn(value, 0) : null;
}

function problemIn(value: object, depth: number): JsonProblem | null {
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
  if (isTooLarge(item)) return { path: [key], message: TOO_LARGE };
  if (typeof item !== "object" || item === null) return null;
  const problem = problemIn(item, depth + 1);
  // The path is made on the way back.
  return problem === null || problem.path.length === 0 ? problem : { ...problem, path: [key, ...problem.path] };
}

/** Parsed from a text such as 1e400; written again it would be null. */
function isTooLarge(value: unknown): boolean {
  return value === Infinity || value === -Infinity;
}
