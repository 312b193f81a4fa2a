import { PosthornError } from "../core/errors.js";

/** The answer for a uid or name that something else has. */
export function taken(field: "uid" | "name" | "id", value: string | null | undefined): PosthornError {
  return new PosthornError("conflict", `The ${field} "${value ?? ""}" is taken.`, [
    { path: field, message: "is taken" },
  ]);
}
