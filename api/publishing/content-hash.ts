import { hash } from "node:crypto";

/** SHA-256 over type, content type and bytes, hex: what makes two events with one `eventId` the same. */
export function contentHash(eventType: string, contentType: string, payload: Uint8Array): string {
  // Neither a type nor a content type can contain a line break, so the parts cannot run into each other.
  return hash("sha256", Buffer.concat([Buffer.from(`${eventType}\n${contentType}\n`), payload]));
}
