import { LIMITS } from "../core/limits.js";

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, 5.5: visible characters, spaces and tabs, and the obsolete upper half of Latin-1. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NAME_CHARS_MAX = 128;

/**
 * Headers that frame the message, that Posthorn sets, that proxies act on, or that say on whose behalf a request comes; most
 * of the list is Svix's.
 */
const REFUSED_NAMES: ReadonlySet<string> = new Set([
  "accept-encoding",
  "age",
  "cache-control",
  "cf-connecting-ip",
  "clear-site-data",
  "connection",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
  "expect",
  "expires",
  "forwarded",
  "host",
  "keep-alive",
  "pragma",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "true-client-ip",
  "upgrade",
  "user-agent",
  "via",
  "warning",
  "x-client-ip",
  "x-real-ip",
]);

/** Prefixes that signatures use, that proxies add, or that the networks of large clouds trust. */
const REFUSED_PREFIX =
  /^(?:webhook-|svix-|x-svix-|x-posthorn-|x-forwarded-|x-amz-|x-amzn-|x-google|x-goog-|x-gfe|x-azure-|x-fd-)/;

/** What is wrong with a header that a caller wants to add, in words that follow its name; `null` if nothing is. */
export function customHeaderProblem(name: string, value: string): string | null {
  if (!TOKEN.test(name) || name.length > NAME_CHARS_MAX) return "is no header name";
  const lower = name.toLowerCase();
  if (REFUSED_NAMES.has(lower) || REFUSED_PREFIX.test(lower)) return "is reserved and cannot be set";
  if (!FIELD_VALUE.test(value)) return "has a value with control characters or characters outside Latin-1";
  // One character is one byte on the wire: the value is Latin-1.
  if (value.length > LIMITS.headerValueBytesMax) return `has a value of more than ${LIMITS.headerValueBytesMax} bytes`;
  return null;
}
