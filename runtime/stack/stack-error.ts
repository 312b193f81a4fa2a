/** Something about the embedded stack that a person can fix; the message says what to do and needs no stack trace. */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** The text of anything that was thrown, on one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").trim();
}
