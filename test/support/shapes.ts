/** Answers of the REST API, as far as tests look into them. */
export interface EndpointAnswer {
  health: { state: string; consecutiveFailures: number; lastOutcome: string | null; restsUntil: string | null };
  id: string;
  status: string;
  statusReason: string | null;
}

export interface PublishAnswer {
  id: string;
  eventId: string | null;
  duplicate: boolean;
}

export interface AttemptAnswer {
  number: number;
  trigger: string;
  startedAt: string;
  statusCode: number | null;
  outcome: string;
  responseBody: string | null;
}

export interface DeliveryAnswer {
  id: string;
  eventId: string;
  endpointId: string;
  status: string;
  attemptCount: number;
  nextAttemptAt: string | null;
  reason: string | null;
  workflowUrl: string | null;
  attempts: AttemptAnswer[];
}

export interface PageAnswer<Row> {
  data: Row[];
  nextCursor: string | null;
}

export interface ErrorAnswer {
  code: string;
  message: string;
  issues: { path: string; message: string }[];
  requestId: string;
}
