/** Reads request bodies within bounds. */
import type { IncomingMessage } from "node:http";
import { PosthornError } from "../../core/errors.js";

/** What is thrown away of a body that is too large, so that the answer still reaches a client that keeps sending. */
const DISCARD_BYTES_MAX = 64 * 1024 * 1024;

/** One for all: without `stream` it remembers nothing. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

export interface BodyLimit {
  bytesMax: number;
  /** Where bodies may be larger than ordinary ones: asked once, as soon as this one is known to be; may refuse. */
  large?: { aboveBytes: number; admit: () => void } | undefined;
}

/**
 * The body's bytes.
 *
 * @throws `payload_too_large` as soon as it is known, and what `limit.large.admit` throws
 */
async function readBytes(request: IncomingMessage, limit: BodyLimit): Promise<Buffer> {
  if (request.destroyed && !request.complete) throw endedEarly();
  const check = checkOf(limit);
  const announced = check(Number(request.headers["content-length"] ?? 0));
  if (announced !== null) {
    discard(request, 0);
    throw announced;
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      const refusal = check(size);
      if (refusal === null) {
        chunks.push(chunk);
        return;
      }
      request.off("data", onData);
      chunks.length = 0;
      discard(request, size);
      reject(refusal);
    };
    request.on("data", onData);
    request.once("end", () => {
      const [first] = chunks;
      resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    // Only the connection fails, and it is the client's.
    request.once("error", () => {
      reject(endedEarly());
    });
    // A client that goes away mid-body ends without "end".
    request.once("close", () => {
      if (request.complete) return;
      reject(endedEarly());
    });
  });
}

/**
 * The text of a body.
 *
 * @throws `malformed_json` for bytes that are no UTF-8, and as {@link readBytes}
 */
export async function readText(request: IncomingMessage, limit: BodyLimit): Promise<string> {
  const bytes = await readBytes(request, limit);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw notJson(cause);
  }
}

/**
 * The JSON value in a body, whatever its content type says; `undefined` for an empty one.
 *
 * @throws `malformed_json`, also for bytes that are no UTF-8
 */
export async function readJson(request: IncomingMessage, limit: BodyLimit | number): Promise<unknown> {
  const text = await readText(request, typeof limit === "number" ? { bytesMax: limit } : limit);
  if (text.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw notJson(cause);
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

/** What forbids a body of that size; `null` if nothing does. */
function checkOf({ bytesMax, large }: BodyLimit): (size: number) => Error | null {
  let isAdmitted = false;
  return (size) => {
    if (size > bytesMax) return tooLarge(bytesMax);
    if (large === undefined || isAdmitted || size <= large.aboveBytes) return null;
    try {
      large.admit();
      isAdmitted = true;
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error("a body was not admitted", { cause: error });
    }
  };
}

function tooLarge(bytesMax: number): PosthornError {
  return new PosthornError("payload_too_large", `The request body is larger than ${bytesMax} bytes.`);
}

function endedEarly(): PosthornError {
  return new PosthornError("malformed_json", "The request ended before its body was complete.");
}

function notJson(cause: unknown): PosthornError {
  return new PosthornError("malformed_json", "The request body is not JSON.", [], { cause });
}

function discard(request: IncomingMessage, alreadyRead: number): void {
  let discarded = alreadyRead;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > DISCARD_BYTES_MAX) request.destroy();
  });
}
