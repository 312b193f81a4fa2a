import { setTimeout as sleep } from "node:timers/promises";
import { classifyStatus } from "../core/outcome.js";
import type { Clock, OutgoingRequest, SendResult } from "../core/ports.js";
import type { FailureClass } from "./classify-error.js";
import { classifyError } from "./classify-error.js";
import type { GuardedConnector } from "./connector.js";
import { describeFailure } from "./describe-failure.js";
import type { Destination, Destinations } from "./destinations.js";
import { EgressError } from "./egress-error.js";
import type { ExchangeEnd } from "./exchange.js";
import { Exchange } from "./exchange.js";
import { maskCredentials } from "./mask-credentials.js";
import type { OriginPools } from "./origin-pools.js";
import { requestBody, requestHeaders } from "./request-headers.js";

/** What all requests of a sender share. */
export interface SendingContext {
  readonly pools: Pick<OriginPools, "dispatch">;
  readonly connector: Pick<GuardedConnector, "endedUsedSocket">;
  readonly destinations: Destinations;
  readonly clock: Clock;
  readonly agent: string;
  readonly bodyMsMax: number;
  readonly refusalMs: number;
}

/** One call of {@link Sender.send}: at most two exchanges under one deadline. */
export class Sending {
  readonly #context: SendingContext;
  readonly #request: OutgoingRequest;
  readonly #startedAt: Date;
  readonly #startedMs = performance.now();
  #deadline: NodeJS.Timeout | undefined;
  #exchange: Exchange | null = null;

  constructor(context: SendingContext, request: OutgoingRequest) {
    this.#context = context;
    this.#request = request;
    this.#startedAt = new Date(context.clock.now());
  }

  /** Never rejects. */
  run(): Promise<SendResult> {
    const destination = this.#context.destinations.of(this.#request.url);
    if (!destination.ok) return Promise.resolve(this.#blocked(destination.problem));
    return new Promise((resolve) => {
      this.#deadline = setTimeout(() => this.#exchange?.expire(), this.#request.timeoutMs);
      this.#attempt(destination, true, (end) => {
        clearTimeout(this.#deadline);
        if (end.kind === "answered") resolve(this.#answered(end));
        else void this.#failed(end).then(resolve);
      });
    });
  }

  /** The result of a request that is not made. */
  refuse(outcome: FailureClass): SendResult {
    return this.#result({ outcome, error: describeFailure(outcome, null) });
  }

  #attempt(to: Extract<Destination, { ok: true }>, mayRepeat: boolean, done: (end: ExchangeEnd) => void): void {
    const { pools, bodyMsMax } = this.#context;
    const exchange = new Exchange({
      bodyMsMax,
      onEnd: (end) => {
        if (mayRepeat && this.#wasStale(end)) this.#attempt(to, false, done);
        else done(end);
      },
    });
    this.#exchange = exchange;
    try {
      const body = requestBody(this.#request);
      pools.dispatch(to.origin, { path: to.path, method: "POST", headers: this.#headers(body), body }, exchange);
    } catch (error) {
      exchange.onResponseError(undefined, error instanceof Error ? error : new Error("the request could not be made"));
    }
  }

  /** Signed now, also for the second exchange: a timestamp says when its request was sent. */
  #headers(body: Uint8Array): string[] {
    try {
      return requestHeaders(this.#request, body, { agent: this.#context.agent, nowMs: this.#context.clock.now() });
    } catch {
      throw new EgressError("internal.signing", describeFailure("internal.signing", null));
    }
  }

  /** An idle connection that ended just when it was used again says nothing about the receiver. */
  #wasStale(end: ExchangeEnd): boolean {
    if (end.kind === "answered" || end.answerBegun || !(end.error instanceof Error)) return false;
    return classifyError(end.error, false) === "connect.reset" && this.#context.connector.endedUsedSocket(end.error);
  }

  #answered(end: Extract<ExchangeEnd, { kind: "answered" }>): SendResult {
    const outcome = classifyStatus(end.statusCode);
    return this.#result({
      outcome,
      statusCode: end.statusCode,
      error: outcome === "ok" ? null : describeFailure(outcome, end.statusCode),
      responseBody: maskCredentials(end.body, this.#request),
      responseTruncated: end.truncated,
      retryAfter: end.retryAfter,
    });
  }

  /**
   * How long a refusal took would tell a slow name server from a fast one, and a cached answer from a new one: whoever chose
   * the name must not learn that, neither from the record nor by waiting for it.
   */
  async #failed(end: Extract<ExchangeEnd, { kind: "failed" }>): Promise<SendResult> {
    const result = this.refuse(classifyError(end.error, end.answerBegun));
    if (result.outcome !== "blocked.address") return result;
    const lastsMs = Math.min(this.#context.refusalMs, this.#request.timeoutMs);
    const restMs = lastsMs - (performance.now() - this.#startedMs);
    if (restMs > 0) await sleep(restMs);
    return { ...result, durationMs: 0 };
  }

  #blocked(problem: string): SendResult {
    return this.#result({ outcome: "blocked.url", error: `${describeFailure("blocked.url", null)}: ${problem}` });
  }

  #result(found: Pick<SendResult, "outcome" | "error"> & Partial<SendResult>): SendResult {
    return {
      startedAt: this.#startedAt,
      durationMs: Math.round(performance.now() - this.#startedMs),
      statusCode: null,
      responseBody: null,
      responseTruncated: false,
      retryAfter: null,
      ...found,
    };
  }
}
