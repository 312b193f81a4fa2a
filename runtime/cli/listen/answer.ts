/** What `posthorn listen` answers. */
import type { Message } from "./message.js";
import type { ListenOptions } from "./options.js";

export interface Answer {
  status: number;
  /** JSON, or no body. */
  json: unknown;
  /** What the body is, for the person who looks on. */
  remark: string | null;
}

const bare = (status: number): Answer => ({ status, json: undefined, remark: null });

/** `number` counts the requests from 1. A refusal has no body, and nobody who fails verification learns more than 401. */
export function answerTo(message: Message, number: number, options: ListenOptions): Answer {
  if (options.refuse !== undefined) return bare(options.refuse);
  if (number <= options.fail) return bare(500);
  if (!message.trusted) return bare(401);
  if (message.ping === null) return bare(200);
  return options.wrongPong === true
    ? { status: 200, json: { pong: `not ${message.ping}` }, remark: "ping answered with a wrong pong" }
    : { status: 200, json: { pong: message.ping }, remark: "ping answered with its pong" };
}
