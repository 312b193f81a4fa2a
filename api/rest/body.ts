/** Reads request bodies within bounds. */
import type { IncomingMessage } from "node:http";
import { PosthornError } from "../../core/errors.js";

/** What is thrown away of a body that is too large, so that the answer still reaches a client that keeps sending. */
const DISCARD_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The body's bytes.
 *
 * @throws `payload_too_large` as soon as it is known
 */
async function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) {
    discard(request, 0);
    throw new PosthornError("payload_too_large");
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      request.off("data", onData);
      discard(request, size);
      reject(new PosthornError("payload_too_large"));
    };
    request.on("data", onData);
    request.once("end", () => {
      resolve(Buffer.concat(chunks));
    });
    request.once("error", reject);
    // A client that goes away mid-body ends without "end".
    request.once("close", () => {
      if (request.complete) return;
      reject(new PosthornError("malformed_json", "The request ended before its body was complete."));
    });
  });
}

/**
 * The JSON value in a body, whatever its content type says; `undefined` for an empty one.
 *
 * @throws `malformed_json`, also for bytes that are no UTF-8
 */
export async function readJson(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return value;
  } catch (cause) {
    throw new PosthornError("malformed_json", "The request body is not JSON.", [], { cause });
  }
}

/** @throws `unsupported_media_type` unless the body is plain JSON by its headers; an absent body may call itself anything */
export function requireJson(request: IncomingMessage): void {
  const { headers } = request;
  if (headers["content-length"] === "0") return;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  const [type = "", ...parameters] = (headers["content-type"] ?? "").toLowerCase().split(";");
  const charset = parameters.map((it) => it.trim()).find((it) => it.startsWith("charset="));
  const isJson = /^application\/(?:[\w.+-]+\+)?json$/.test(type.trim());
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  const encoding = headers["content-encoding"] ?? "identity";
  if (!isJson || !isUtf8 || encoding !== "identity") throw new PosthornError("unsupported_media_type");
}

function discard(request: IncomingMessage, alreadyRead: number): void {
  let discarded = alreadyRead;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > DISCARD_BYTES_MAX) request.destroy();
  });
}
