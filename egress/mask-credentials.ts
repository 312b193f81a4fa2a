import type { OutgoingRequest } from "../core/ports.js";

const MASKED = "[masked]";
/** Shorter values are no credentials, and too likely to stand in an answer for another reason. */
const CREDENTIAL_CHARS_MIN = 8;

type Sent = Pick<OutgoingRequest, "url" | "headers" | "profile" | "secrets">;

/**
 * What a receiver answered, without the credentials that it was sent: many a page of an error repeats the request, and
 * whoever may read attempts may not read header values, keys and queries. What is repeated in another encoding than JSON
 * and that of URLs stays, and so does the beginning of a value where the captured part ends in the middle of it.
 */
export function maskCredentials(answer: string, request: Sent): string {
  if (answer === "") return answer;
  return credentialsOf(request).reduce((text, credential) => text.replaceAll(credential, MASKED), answer);
}

/** Longest first: one may contain another. */
function credentialsOf({ url, headers, profile, secrets }: Sent): string[] {
  const { searchParams, search } = new URL(url);
  const queries = [
    search.slice(1),
    ...[...searchParams.values()].flatMap((value) => [value, encodeURIComponent(value)]),
  ];
  // Without the scheme, too: `Bearer …`.
  const values = Object.values(headers).flatMap((value) => [value, value.replace(/^\w+ +/, "")]);
  // The only key that is sent and does not only sign.
  const keys = profile === "metriport" ? secrets.map(({ key }) => key.reveal()) : [];
  const all = [...queries, ...values, ...keys].flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [...new Set(all)]
    .filter((text) => text.length >= CREDENTIAL_CHARS_MIN)
    .sort((left, right) => right.length - left.length);
}
