/** Custom headers often carry the receiver's credentials; answers do not repeat them. */

const MASKED = "[masked]";

const SENSITIVE =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|www-authenticate)$|api-?key|token|secret|passw|auth/i;

export function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SENSITIVE.test(name) ? MASKED : value]),
  );
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
