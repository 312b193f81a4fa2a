/** Bounds of what callers may send and ask for. Every one is part of the documented contract. */
export const LIMITS = {
  /** Rows in one page of a list. */
  pageSizeMax: 250,
  pageSizeDefault: 50,
  /** Events in one `publishBatch`. */
  batchEventsMax: 500,
  /** Bytes of one request body; the operator may set up to `bodyBytesCeiling`. */
  bodyBytesDefault: 1024 * 1024,
  bodyBytesCeiling: 5 * 1024 * 1024,
  /** How far ahead `deliverAt` may lie. */
  deliverAheadMsMax: 30 * 24 * 3_600_000,
  uidCharsMax: 256,
  eventTypeCharsMax: 256,
  eventIdCharsMax: 256,
  urlCharsMax: 2048,
  descriptionCharsMax: 500,
  nameCharsMax: 256,
  channelCharsMax: 128,
  channelsPerEventMax: 10,
  channelsPerEndpointMax: 10,
  eventTypesPerEndpointMax: 500,
  endpointsPerApplicationMax: 1000,
  forcedEndpointsMax: 100,
  customHeadersMax: 32,
  headerValueBytesMax: 4096,
  metadataKeysMax: 50,
  metadataBytesMax: 4096,
  /** Decoded bytes of a signing secret (Standard Webhooks 1.0, "Signature scheme": 24 to 64). */
  secretBytesMin: 24,
  secretBytesMax: 64,
  /** Signing secrets alive at once, the current one included. */
  secretsMax: 5,
  secretGraceSecondsDefault: 86_400,
  secretGraceSecondsMax: 604_800,
  retryStepsMax: 20,
  retryStepSecondsMax: 86_400,
  retryTotalSecondsMax: 7 * 86_400,
  timeoutMsMin: 1_000,
  timeoutMsMax: 30_000,
  timeoutMsDefault: 15_000,
  /** Stored bytes of a receiver's answer. */
  responseBytesMax: 16 * 1024,
} as const;
