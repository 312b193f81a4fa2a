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
  /** Bytes of a body with samples; the one route with a limit of its own. */
  samplesBodyBytesMax: 32 * 1024 * 1024,
  /** Samples in one request and in one event. */
  samplesMax: 200_000,
  samplesPerEventMax: 2_500,
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
  /** Characters of a key of the profile `metriport`. */
  webhookKeyCharsMin: 16,
  webhookKeyCharsMax: 128,
  /** Signing secrets alive at once, the current one included. */
  secretsMax: 5,
  secretGraceSecondsDefault: 86_400,
  secretGraceSecondsMax: 604_800,
  retryStepsMax: 20,
  retryStepSecondsMax: 86_400,
  retryTotalSecondsMax: 7 * 86_400,
  /** Requests a second to one endpoint, and at once. */
  rateLimitPerSecondMin: 0.01,
  rateLimitPerSecondMax: 10_000,
  rateLimitBurstMax: 10_000,
  timeoutMsMin: 1_000,
  timeoutMsMax: 30_000,
  timeoutMsDefault: 15_000,
  /** The same for the profile `metriport`, and for its pings. */
  metriportTimeoutMs: 5_000,
  pingTimeoutMs: 2_000,
  receiverDetailCharsMax: 2_048,
  /** Stored bytes of a receiver's answer. */
  responseBytesMax: 16 * 1024,
} as const;
