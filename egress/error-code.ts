/** The `code` of an error of Node.js or undici; empty without one. Happy Eyeballs fails with several errors in one. */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return "";
}
