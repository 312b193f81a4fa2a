import type { Dispatcher } from "undici";
import { LIMITS } from "../core/limits.js";
import { BodyCapture } from "./body-capture.js";
import { EgressError } from "./egress-error.js";

/** How one request over one connection ended. */
export type ExchangeEnd =
  | { kind: "answered"; statusCode: number; retryAfter: string | null; body: string; truncated: boolean }
  | { kind: "failed"; error: unknown; /** Whether a byte of the answer had arrived. */ answerBegun: boolean };

export interface ExchangeOptions {
  /** How long the body of an answer may take after its headers, in ms. */
  bodyMsMax: number;
  /** Called exactly once. */
  onEnd: (end: ExchangeEnd) => void;
}

/** 1xx answers before the real one (RFC 9110, 15.2); each would restart undici's own timer. */
const INFORMATIONAL_MAX = 8;
/** Fields in the head of an answer: 16 KiB of head have room for thousands of them. */
const FIELDS_MAX = 128;

interface AnswerHead {
  statusCode: number;
  retryAfter: string | null;
}

/** Repeated names are one entry with several values. */
function fieldCount(headers: Record<string, unknown>): number {
  let count = 0;
  for (const name in headers) {
    const value = headers[name];
    count += Array.isArray(value) ? value.length : 1;
  }
  return count;
}

/**
 * One request as undici reports it. The head of the answer decides; its body is read only within bounds, and where they
 * end the connection ends as well.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #body = new BodyCapture(LIMITS.responseBytesMax);
  #controller: Dispatcher.DispatchController | null = null;
  #bodyTimer: NodeJS.Timeout | undefined;
  #head: AnswerHead | null = null;
  #informational = 0;
  #answerBegun = false;
  #ended = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** The deadline of the whole request has passed. What has not begun by now never does. */
  expire(): void {
    const outcome = this.#controller === null ? "timeout.total" : "timeout.headers";
    this.#cut(new EgressError(outcome, "the deadline of the request has passed"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing takes the request out of the queue and leaves the connection to others; aborting would destroy it.
    if (this.#ended) throw new EgressError("timeout.total", "the request waited longer than its deadline");
    this.#controller = controller;
  }

  /** The first byte of an answer has arrived. undici calls this old form of handler deprecated; its new one does not tell. */
  onResponseStarted(): void {
    this.#answerBegun = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: Record<string, unknown>): void {
    if (this.#ended) return;
    if (fieldCount(headers) > FIELDS_MAX) {
      this.#cut(new EgressError("protocol", "too many header fields"));
      return;
    }
    if (statusCode < 200) {
      this.#informational += 1;
      if (this.#informational > INFORMATIONAL_MAX) this.#cut(new EgressError("protocol", "too many 1xx answers"));
      return;
    }
    const retryAfter = headers["retry-after"];
    this.#head = { statusCode, retryAfter: typeof retryAfter === "string" ? retryAfter : null };
    this.#bodyTimer = setTimeout(() => this.#cut(null), this.#options.bodyMsMax);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#ended && !this.#body.add(chunk)) this.#cut(null);
  }

  onResponseEnd(): void {
    this.#end(null);
  }

  /** undici passes no controller for a request that it gives up before it has begun. */
  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#body.truncated = true;
    this.#end(error);
  }

  /** Ends before the receiver does, and with it the connection: what still comes belongs to nobody. */
  #cut(error: Error | null): void {
    if (this.#ended) return;
    this.#body.truncated = true;
    this.#end(error);
    this.#controller?.abort(error ?? new Error("enough of the answer was read"));
  }

  #end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#bodyTimer);
    if (this.#head === null) {
      this.#options.onEnd({ kind: "failed", error, answerBegun: this.#answerBegun });
      return;
    }
    const body = this.#body;
    this.#options.onEnd({ kind: "answered", ...this.#head, body: body.text(), truncated: body.truncated });
  }
}
