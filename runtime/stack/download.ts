import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import { reasonOf, StackError } from "./stack-error.js";

/** A host that does not even accept a connection within this long is treated as out of reach. */
const CONNECT_TIMEOUT_MS = 4000;
/** The first byte of an answer, and the gap between two chunks of a body. */
const SILENCE_TIMEOUT_MS = 20_000;

/** What hosts that are out of reach answered, so that nothing in this process waits for them twice. */
const unreachable = new Map<string, string>();

let agent: EnvHttpProxyAgent | undefined;

/**
 * A GET that gives up fast on hosts that are out of reach (and at once when they were a moment ago). Honours the usual proxy
 * variables.
 *
 * @throws StackError with what the host answered.
 */
export async function get(url: string, method: "GET" | "HEAD" = "GET") {
  const { host } = new URL(url);
  const known = unreachable.get(host);
  if (known !== undefined) throw new StackError(known);
  agent ??= new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: SILENCE_TIMEOUT_MS,
    bodyTimeout: SILENCE_TIMEOUT_MS,
  });
  try {
    return await fetch(url, { method, dispatcher: agent, redirect: "follow" });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const reason = `${host} cannot be reached: ${reasonOf(cause)}`;
    unreachable.set(host, reason);
    throw new StackError(reason);
  }
}

/** Saves what `url` answers to a file. */
export async function saveTo(url: string, file: string): Promise<void> {
  const response = await get(url);
  if (!response.ok || response.body === null) throw new StackError(`${url} answered ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}
