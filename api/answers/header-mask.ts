/** Custom headers often carry the receiver's credentials; answers do not repeat them. */
import { isPosthornError } from "../../core/errors.js";

const MASKED = "[masked]";

const SENSITIVE =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|www-authenticate)$|api-?key|token|secret|passw|auth/i;

export function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, shown(name, headers)]));
}

/** One endpoint whose values cannot be read must not make a list of many unreadable; the store has logged it. */
function shown(name: string, headers: Readonly<Record<string, string>>): string {
  if (SENSITIVE.test(name)) return MASKED;
  try {
    return headers[name] ?? MASKED;
  } catch (error) {
    if (isPosthornError(error) && error.code === "internal") return MASKED;
    throw error;
  }
}

/** Whether an update leaves a value in place that answers do not show. */
export function keepsMasked(
  sent: Readonly<Record<string, string>> | undefined,
  stored: Readonly<Record<string, string>>,
): boolean {
  const kept = sent === undefined ? Object.keys(stored) : Object.keys(sent).filter((name) => sent[name] === MASKED);
  return kept.some((name) => SENSITIVE.test(name));
}

/** The headers meant by an update: who sends a masked value back means the stored one. */
export function unmaskHeaders(
  sent: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [name, value === MASKED ? (stored[name] ?? value) : value]),
  );
}
