/** A sender that reaches nobody: it keeps what it was asked to send and answers by a script. */
import type { OutgoingRequest, Sender, SendResult } from "../../../core/ports.js";

export type SendScript = (request: OutgoingRequest) => Partial<SendResult> | Promise<Partial<SendResult>>;

export class MemorySender implements Sender {
  readonly requests: OutgoingRequest[] = [];
  /** What the next requests come to, beside 200 without a body. */
  answer: SendScript = () => ({});

  async send(request: OutgoingRequest): Promise<SendResult> {
    this.requests.push(request);
    return {
      startedAt: new Date(),
      durationMs: 3,
      outcome: "ok",
      statusCode: 200,
      error: null,
      responseBody: "",
      responseTruncated: false,
      retryAfter: null,
      ...(await this.answer(request)),
    };
  }
}
