import { WebhookVerificationError } from "./error.js";

/**
 * Headers as servers hand them out: the `headers` of Node's request, of express, of a fetch `Request`, or a plain
 * object. Names may be in any letter case.
 */
export type WebhookHeaders =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface SignedHeaders {
  id: string;
  timestamp: string;
  signature: string;
}

/** Standard Webhooks first: a sender that sends both families means the same by them. */
const FAMILIES = ["webhook", "svix"] as const;

/**
 * Id, timestamp and signatures of one header family; families are never mixed.
 *
 * @throws `missing_header` unless one family is complete
 */
export function readHeaders(headers: WebhookHeaders): SignedHeaders {
  const read = readerOf(headers);
  const found = FAMILIES.map((family) => ({
    family,
    id: read(`${family}-id`),
    timestamp: read(`${family}-timestamp`),
    signature: read(`${family}-signature`),
  }));
  for (const { id, timestamp, signature } of found) {
    if (id !== "" && timestamp !== "" && signature !== "") return { id, timestamp, signature };
  }
  const begun = found.find((it) => it.id !== "" || it.timestamp !== "" || it.signature !== "");
  const { family, ...values } = begun ?? { family: "webhook", id: "", timestamp: "", signature: "" };
  const missing = Object.entries(values).flatMap(([name, value]) => (value === "" ? [`${family}-${name}`] : []));
  throw new WebhookVerificationError("missing_header", `missing header: ${missing.join(", ")}`);
}

/** Reads a header by its lower-case name; empty if it is absent. */
export function readerOf(headers: WebhookHeaders): (name: string) => string {
  if (hasGet(headers)) return (name) => headers.get(name) ?? "";
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    values.set(name.toLowerCase(), typeof value === "string" ? value : value.join(" "));
  }
  return (name) => values.get(name) ?? "";
}

function hasGet(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}
