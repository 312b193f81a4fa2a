import { createTRPCUntypedClient, httpLink } from "@trpc/client";
import type { CallOptions } from "./calls.js";
import { endedByCaller, isPosthornClientError, PosthornClientError } from "./errors.js";
import { withEventIds } from "./event-id.js";
import type { PosthornClient } from "./procedures.js";
import { isPassing, isRepeatable, pause, waitMs } from "./repetition.js";
import { settingsOf } from "./settings.js";
import type { PosthornClientOptions, Settings } from "./settings.js";
import { createTransport } from "./transport.js";

interface Call {
  kind: "query" | "mutation";
  /** Such as `events.publish`. */
  path: string;
  input: unknown;
  options: CallOptions;
}

type Perform = (call: Call) => Promise<unknown>;

/**
 * A client of one Posthorn, typed from its procedures: `client.events.publish.mutate({ … })`. It keeps no connection of
 * its own and needs no closing.
 *
 * @throws TypeError for an option that is no URL, no key or out of bounds
 */
export function createPosthornClient(options: PosthornClientOptions): PosthornClient {
  const settings = settingsOf(options);
  const once = createOnce(settings);
  // A proxy answers to every name; the type says which ones the service knows.
  return namesOf([], (call) => untilSettled(call, once, settings.retries)) as PosthornClient;
}

/** One try over tRPC. */
function createOnce({
  url,
  headers,
  fetch,
  timeoutMs,
}: Settings): (call: Call, signal: AbortSignal) => Promise<unknown> {
  const trpc = createTRPCUntypedClient({
    links: [httpLink({ url, headers, fetch: createTransport({ fetch, timeoutMs }) })],
  });
  return ({ kind, path, input }, signal) => trpc[kind](path, input, { signal });
}

/** The call with its repetitions. */
async function untilSettled(call: Call, once: ReturnType<typeof createOnce>, retries: number): Promise<unknown> {
  const { path, options } = call;
  if (options.signal?.aborted === true) throw endedByCaller(options.signal.reason);
  // A signal of one's own: tRPC leaves its listeners behind, and the caller's may live as long as its process.
  const own = new AbortController();
  const end = (): void => own.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", end, { once: true });
  // The same for every try.
  const sent = { ...call, input: withEventIds(path, call.input ?? {}) };
  try {
    for (let failures = 1; ; failures += 1) {
      try {
        return await once(sent, own.signal);
      } catch (error) {
        const failure = asClientError(error);
        if (failures > retries || !isRepeatable(call) || !isPassing(failure)) throw failure;
      }
      await pause(waitMs(failures, Math.random()), own.signal);
    }
  } finally {
    options.signal?.removeEventListener("abort", end);
  }
}

/** tRPC wraps what the transport throws. All else comes before it: an input that JSON cannot express. */
function asClientError(error: unknown): PosthornClientError {
  const cause = error instanceof Error ? error.cause : undefined;
  if (isPosthornClientError(cause)) return cause;
  const message = error instanceof Error ? error.message : String(error);
  return new PosthornClientError({ code: "invalid_input", message, cause: error });
}

/** `client.<router>.<procedure>.query(input, options)` and `.mutate(…)`, for any names. */
function namesOf(path: readonly string[], perform: Perform): unknown {
  const call =
    (kind: Call["kind"]) =>
    (input?: unknown, options: CallOptions = {}) =>
      perform({ kind, path: path.join("."), input, options });
  if (path.length === 2) return { query: call("query"), mutate: call("mutation") };
  return new Proxy(
    {},
    {
      // `then`, or awaiting a client would call a procedure of that name; symbols are asked for by loggers.
      get: (_target, name) =>
        typeof name === "symbol" || name === "then" ? undefined : namesOf([...path, name], perform),
    },
  );
}
