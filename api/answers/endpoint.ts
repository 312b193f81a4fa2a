import type { Endpoint } from "../../core/model.js";
import type { EndpointAnswer } from "../schemas/endpoint.js";
import { answerHealth } from "./endpoint-health.js";
import { maskHeaders } from "./header-mask.js";
import { answerSignatures } from "./signatures.js";
import { isoTime } from "./time.js";

/** Without secrets; sensitive header values are masked. */
export function answerEndpoint(endpoint: Endpoint): EndpointAnswer {
  return {
    id: endpoint.id,
    uid: endpoint.uid,
    url: endpoint.url,
    description: endpoint.description,
    eventTypes: [...endpoint.eventTypes],
    channels: [...endpoint.channels],
    headers: maskHeaders(endpoint.headers),
    metadata: { ...endpoint.metadata },
    profile: endpoint.profile,
    signatures: answerSignatures(endpoint),
    pairedEvents: endpoint.pairedEvents,
    skipPong: endpoint.skipPong,
    retryPolicy: {
      scheduleSeconds: [...endpoint.retryPolicy.scheduleSeconds],
      jitter: endpoint.retryPolicy.jitter,
    },
    rateLimit: endpoint.rateLimit && { ...endpoint.rateLimit },
    clientErrors: endpoint.clientErrors,
    timeoutMs: endpoint.timeoutMs,
    status: endpoint.status,
    statusReason: endpoint.statusReason,
    receiver: endpoint.receiver,
    health: answerHealth(endpoint.health),
    createdAt: isoTime(endpoint.createdAt),
    updatedAt: isoTime(endpoint.updatedAt),
  };
}
