/**
 * Every error a caller can meet: one row each, with the HTTP status, the tRPC code, the usual cause and the remedy.
 * `docs/errors.md` is generated from this table.
 */
export const ERRORS = {
  malformed_json: {
    http: 400,
    trpc: "PARSE_ERROR",
    cause: "The request body is not JSON.",
    remedy: "Send a JSON object with `content-type: application/json`.",
  },
  invalid_input: {
    http: 400,
    trpc: "BAD_REQUEST",
    cause: "A field is missing, unknown, of the wrong type or out of bounds.",
    remedy: "Read `issues`: each names the path of a field and what is wrong with it.",
  },
  invalid_cursor: {
    http: 400,
    trpc: "BAD_REQUEST",
    cause: "The cursor is none that a list handed out, or belongs to the other order.",
    remedy: "Send `nextCursor` of the page before unchanged, with the same filters and order.",
  },
  unauthorized: {
    http: 401,
    trpc: "UNAUTHORIZED",
    cause: "No API key, or one that is unknown, mistyped, expired or revoked.",
    remedy: "Send `Authorization: Bearer phk_…`; `posthorn keys create` makes a key.",
  },
  forbidden: {
    http: 403,
    trpc: "FORBIDDEN",
    cause:
      "The key lacks the scope that the message names, or belongs to one application where an admin key is needed.",
    remedy: "Use a key with that scope (`posthorn keys create --scope …`) or an admin key (`--admin`).",
  },
  not_found: {
    http: 404,
    trpc: "NOT_FOUND",
    cause: "No such thing in this application; foreign ids look the same as unknown ones.",
    remedy: "Check the id and the application that the key belongs to.",
  },
  method_not_allowed: {
    http: 405,
    trpc: "METHOD_NOT_SUPPORTED",
    cause: "The path exists, the method does not.",
    remedy: "See `/docs` for the methods of each path.",
  },
  conflict: {
    http: 409,
    trpc: "CONFLICT",
    cause: "The `uid` or name is taken, or the thing is not in a state that allows this.",
    remedy: "Read the message; it names what is in the way.",
  },
  event_conflict: {
    http: 409,
    trpc: "CONFLICT",
    cause: "The `eventId` was used before with another type or other bytes.",
    remedy: "Use a new `eventId` for new content; repeat the same content to get the first event's id.",
  },
  delivery_final: {
    http: 409,
    trpc: "CONFLICT",
    cause: "The delivery has ended: delivered, failed or cancelled.",
    remedy: "Nothing is left to cancel. A resend makes one more attempt.",
  },
  attempt_in_flight: {
    http: 409,
    trpc: "CONFLICT",
    cause: "An attempt of this delivery was on its way for longer than the request could wait.",
    remedy: "The command is stored and decided when the attempt has settled; get the delivery again.",
  },
  endpoint_inactive: {
    http: 409,
    trpc: "CONFLICT",
    cause: "The endpoint is paused or disabled.",
    remedy: "Resume or enable it first.",
  },
  payload_too_large: {
    http: 413,
    trpc: "PAYLOAD_TOO_LARGE",
    cause: "The request body is larger than `POSTHORN_BODY_BYTES_MAX`.",
    remedy: "Send less, or a link to the data.",
  },
  unsupported_media_type: {
    http: 415,
    trpc: "UNSUPPORTED_MEDIA_TYPE",
    cause: "The body is not sent as JSON.",
    remedy: "Send `content-type: application/json`.",
  },
  overloaded: {
    http: 429,
    trpc: "TOO_MANY_REQUESTS",
    cause:
      "More comes than this process can write and deliver, or as many large requests as it takes at once are being worked on.",
    remedy: "Send the same request again after the seconds of `Retry-After`.",
  },
  rate_limited: {
    http: 429,
    trpc: "TOO_MANY_REQUESTS",
    cause: "The key made more requests than its limit allows, or too many wrong keys came from this address.",
    remedy: "Send the same request again after the seconds of `Retry-After`; spread requests over time.",
  },
  store_unavailable: {
    http: 503,
    trpc: "SERVICE_UNAVAILABLE",
    cause: "MongoDB did not answer in time; nothing was accepted, or it is not known whether it was.",
    remedy: "Send the same request again with the same `eventId`.",
  },
  engine_unavailable: {
    http: 503,
    trpc: "SERVICE_UNAVAILABLE",
    cause: "Temporal did not answer in time. Publishing still works; commands wait for it.",
    remedy: "Try again; `/readyz` says when Temporal is back.",
  },
  internal: {
    http: 500,
    trpc: "INTERNAL_SERVER_ERROR",
    cause: "A fault in Posthorn.",
    remedy: "Report the `requestId`; the log has the cause under it.",
  },
} as const satisfies Record<string, ErrorRow>;

interface ErrorRow {
  http: number;
  trpc: string;
  cause: string;
  remedy: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** One thing that is wrong with an input. */
export interface InputIssue {
  /** Where, as `endpoints[0].url`; empty for the whole input. */
  path: string;
  message: string;
}

/** The body of every error answer. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  issues: InputIssue[];
  requestId: string;
}

/** An expected failure with a code of the table. Compare `code`, not the class. */
export class PosthornError extends Error {
  override readonly name = "PosthornError";

  constructor(
    readonly code: ErrorCode,
    message: string = ERRORS[code].cause,
    readonly issues: readonly InputIssue[] = [],
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Whether `error` is a {@link PosthornError}, by shape: classes do not survive a realm or a copy of a package. */
export function isPosthornError(error: unknown): error is PosthornError {
  return error instanceof Error && error.name === "PosthornError" && "code" in error && String(error.code) in ERRORS;
}
