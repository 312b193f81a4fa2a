import { decodeFailure } from "./decode-failure.js";
import { endedByCaller, PosthornClientError } from "./errors.js";

export interface TransportOptions {
  fetch: typeof fetch;
  /** For one request, from the connection to the last byte. */
  timeoutMs: number;
}

type Url = Parameters<typeof fetch>[0];
/** As tRPC fills it in. */
type Init = Omit<RequestInit, "signal"> & { signal?: AbortSignal | null | undefined };
type Send = (url: Url, init?: Init) => Promise<{ ok: true; json: () => Promise<unknown> }>;

/**
 * One request: bounded in time, and every failure is a {@link PosthornClientError}, whether the service, something
 * between or the network failed.
 */
export function createTransport({ fetch, timeoutMs }: TransportOptions): Send {
  return async (url, init = {}) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const { response, text } = await exchange(fetch, url, { ...init, signal, redirect: "manual" }).catch(
      (cause: unknown) => {
        throw failureOf(cause, { isAborted: init.signal?.aborted === true, isLate: timeout.aborted, timeoutMs });
      },
    );
    const body = parse(text);
    if (response.ok && isObject(body) && "result" in body && isObject(body.result))
      return { ok: true, json: () => Promise.resolve(body) };
    throw decodeFailure({ status: response.status, requestId: response.headers.get("x-request-id"), body });
  };
}

async function exchange(
  send: typeof fetch,
  url: Url,
  init: RequestInit,
): Promise<{ response: Response; text: string }> {
  const response = await send(url, init);
  return { response, text: await response.text() };
}

function failureOf(
  cause: unknown,
  { isAborted, isLate, timeoutMs }: { isAborted: boolean; isLate: boolean; timeoutMs: number },
): PosthornClientError {
  if (isAborted) return endedByCaller(cause);
  if (isLate) return new PosthornClientError({ code: "timeout", message: `no answer within ${timeoutMs} ms`, cause });
  return new PosthornClientError({ code: "network_error", message: `no answer: ${reasonOf(cause)}`, cause });
}

/** fetch says "fetch failed" and hides the reason one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
