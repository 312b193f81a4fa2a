/**
 * What a log line may say besides its message. A field that is not here cannot be logged: callers do not compile, and
 * `runtime/log.ts` drops what comes in by a spread. Values are ids, names, numbers and classes, never payloads, secrets,
 * header values, whole URLs or what a receiver answered; think of that before you add one.
 */
export interface LogFields {
  readonly action?: string | undefined;
  /** Of a server of the installation, as `host:port`. */
  readonly address?: string | undefined;
  readonly applicationId?: string | null | undefined;
  readonly attemptId?: string | undefined;
  /** Of a caller whose keys are refused; of IPv6 the first 64 bits. */
  readonly clientAddress?: string | undefined;
  readonly consecutiveFailures?: number | undefined;
  /** Of what the line is about, since the last such line. */
  readonly count?: number | undefined;
  readonly created?: number | undefined;
  readonly deliveryId?: string | undefined;
  /** What the Temporal SDK says about one of its warnings. */
  readonly detail?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly endpointId?: string | undefined;
  /** The name of an error's class. */
  readonly error?: string | undefined;
  /** What happened, for programs. */
  readonly event?: string | undefined;
  readonly eventId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly events?: number | undefined;
  /** Which field of a document, never what is in it. */
  readonly field?: string | undefined;
  readonly healthy?: boolean | undefined;
  readonly kid?: string | null | undefined;
  readonly lanes?: number | undefined;
  readonly nextAttemptAt?: string | undefined;
  /** Of an attempt. */
  readonly number?: number | undefined;
  readonly orphans?: number | undefined;
  readonly outcome?: string | undefined;
  /** In our own words. */
  readonly problem?: string | undefined;
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
  readonly role?: string | undefined;
  readonly signal?: string | undefined;
  readonly status?: string | undefined;
  readonly statusCode?: number | null | undefined;
  readonly trigger?: string | undefined;
  readonly tries?: number | undefined;
  readonly until?: string | undefined;
  /** Where this process listens. */
  readonly url?: string | undefined;
  readonly workflowId?: string | undefined;
}
