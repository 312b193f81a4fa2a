/** Attempts as Open Wearables shows them. */
import type { AttemptAnswer } from "../schemas/attempt.js";
import type { OpenWearablesMessage } from "./messages.js";

/** What `status` may be; an attempt is on record when it is over, so it is one of two. */
export const STATUS = { success: 0, pending: 1, fail: 2, sending: 3 } as const;

const TRIGGER = { scheduled: 0, test: 0, manual: 1 } as const;

export interface OpenWearablesAttempt {
  id: string;
  endpointId: string;
  msgId: string;
  url: string;
  /** What the receiver answered, or what kept it from answering. */
  response: string;
  /** 0: there was no answer. */
  responseStatusCode: number;
  responseDurationMs: number;
  status: number;
  statusText: "success" | "fail";
  /** 0: the schedule's, 1: asked for by hand. */
  triggerType: number;
  timestamp: string;
  /** `null`: retention has removed it. */
  msg: OpenWearablesMessage | null;
}

export function answerAttempt(attempt: AttemptAnswer, msg: OpenWearablesMessage | null): OpenWearablesAttempt {
  const statusText = attempt.outcome === "ok" ? "success" : "fail";
  const said = attempt.statusCode === null ? attempt.error : attempt.responseBody;
  return {
    id: attempt.id,
    endpointId: attempt.endpointId,
    msgId: attempt.eventId,
    url: attempt.url,
    response: said ?? "",
    responseStatusCode: attempt.statusCode ?? 0,
    responseDurationMs: attempt.durationMs,
    status: STATUS[statusText],
    statusText,
    triggerType: TRIGGER[attempt.trigger],
    timestamp: attempt.startedAt,
    msg,
  };
}
