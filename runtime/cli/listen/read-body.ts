import type { IncomingMessage } from "node:http";

/** More than a request of Posthorn's largest setting. */
export const BODY_BYTES_MAX = 6 * 1024 * 1024;

export type BodyResult = { kind: "read"; body: Buffer } | { kind: "too large" } | { kind: "broken off" };

/** The body of a request. The connection stays open, so that also too large a one can be answered. */
export async function readBody(request: IncomingMessage): Promise<BodyResult> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const part = Buffer.from(chunk as Uint8Array); // an HTTP request without an encoding yields bytes
      bytes += part.length;
      if (bytes > BODY_BYTES_MAX) return { kind: "too large" };
      chunks.push(part);
    }
  } catch {
    return { kind: "broken off" };
  }
  return { kind: "read", body: Buffer.concat(chunks) };
}
