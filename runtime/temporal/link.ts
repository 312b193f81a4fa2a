/** The connection to Temporal: made in the background, for as long as it takes, so that accepting never waits for it. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import { PosthornError } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import type { TemporalAccess } from "../temporal-settings.js";

const RECONNECT_MS = 1_000;

export interface TemporalLinkOptions {
  address: string;
  namespace: string;
  /** TLS and API key. @default neither */
  access?: TemporalAccess;
  log: Log;
}

export class TemporalLink {
  readonly namespace: string;
  /** Whether the namespace knows the search attributes; until then what uses them is refused as "not now". */
  isPrepared = false;
  readonly #abort = new AbortController();
  readonly #connected: Promise<{ client: Client; connection: NativeConnection }>;
  #client: Client | null = null;

  constructor(private readonly options: TemporalLinkOptions) {
    this.namespace = options.namespace;
    this.#connected = this.#connect();
    this.#connected.catch(() => undefined);
  }

  /** The client, or `engine_unavailable` while there has been no connection yet. */
  get client(): Client {
    if (this.#client === null) throw new PosthornError("engine_unavailable", "Temporal is not reachable yet.");
    return this.#client;
  }

  /** Resolves when the first connection stands; rejects when the link is closed before. */
  whenConnected(): Promise<{ client: Client; connection: NativeConnection }> {
    return this.#connected;
  }

  /** Runs a call with a deadline; failures of Temporal become `engine_unavailable`. */
  async call<T>(timeoutMs: number, work: (client: Client) => Promise<T>): Promise<T> {
    const { client } = this;
    try {
      return await client.withDeadline(Date.now() + timeoutMs, () => work(client));
    } catch (error) {
      if (isUnavailable(error) || (!this.isPrepared && isInvalid(error))) {
        throw new PosthornError("engine_unavailable", undefined, [], { cause: error });
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    try {
      const { connection } = await this.#connected;
      await connection.close();
    } catch {
      // Never connected, or a worker that did not stop in time still holds it: the process is about to end.
    }
  }

  async #connect(): Promise<{ client: Client; connection: NativeConnection }> {
    const { address, namespace, access = {}, log } = this.options;
    for (let tries = 1; ; tries += 1) {
      this.#abort.signal.throwIfAborted();
      try {
        const connection = await NativeConnection.connect({ ...access, address, grpcCompression: { codec: "none" } });
        const client = new Client({ connection, namespace });
        this.#client = client;
        return { client, connection };
      } catch (error) {
        if (tries === 1 || tries % 30 === 0) log.error({ address, tries }, "temporal.unreachable", error);
        await sleep(RECONNECT_MS, undefined, { signal: this.#abort.signal });
      }
    }
  }
}

/** gRPC codes that say "not now": cancelled, deadline, exhausted, unavailable, and ours. */
function isUnavailable(error: unknown): boolean {
  return hasCode(error, [1, 4, 8, 14]);
}

/** What a new search attribute is called until every part of Temporal knows it. */
function isInvalid(error: unknown): boolean {
  return hasCode(error, [3]);
}

function hasCode(error: unknown, codes: readonly number[]): boolean {
  for (let it: unknown = error; it instanceof Error; it = it.cause) {
    if ("code" in it && codes.includes(Number(it.code))) return true;
  }
  return false;
}
