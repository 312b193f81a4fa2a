/**
 * The last line of defence of the log: texts of other people's errors without what must never be in them. Of URLs only the
 * scheme and the host stay, because receivers take tokens in paths and queries.
 */
const CHARS_MAX = 2_000;

/** Signing keys of both kinds, API keys, and what stands in a header of authorization. */
const KEYS = /\b(whsec_|whsk_|phk_|Bearer\s+|Basic\s+)[A-Za-z0-9+/=_.~-]+/gi;
const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi;
const BEYOND_HOST = /\b(https?:\/\/[^\s"'<>/?#]+)(?:\/[^\s"'<>]+|[?#][^\s"'<>]*)/gi;

export function scrub(text: string): string {
  const short = text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text;
  return short.replace(USER_INFO, "$1[redacted]@").replace(BEYOND_HOST, "$1/[redacted]").replace(KEYS, "$1[redacted]");
}
