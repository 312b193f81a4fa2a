/** Bodies with Metriport's envelope, and the requests that carry one outside of any delivery. */
import type { JsonObject } from "../../core/json.js";
import type { Endpoint } from "../../core/model.js";
import type { OutgoingRequest } from "../../core/ports.js";

export interface MessageMeta {
  messageId: string;
  requestId?: string | undefined;
  /** Creation time; the same on every attempt. */
  when: Date;
  type: string;
  data?: Readonly<Record<string, string>> | undefined;
}

/** The whole body: `meta` first, what is absent left out. */
export function messageBytes({ when, ...meta }: MessageMeta, payload: JsonObject): Buffer {
  const { messageId, requestId, type, data } = meta;
  return jsonBytes({ meta: { messageId, requestId, when: when.toISOString(), type, data }, ...payload });
}

export function jsonBytes(value: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** One request to the endpoint with its key and headers; `payload` has a complete envelope and is sent as it is. */
export function directRequest(
  endpoint: Endpoint,
  message: { messageId: string; when: Date; type: string; payload: Uint8Array },
  timeoutMs: number,
): OutgoingRequest {
  return {
    url: endpoint.url,
    payload: message.payload,
    contentType: "application/json",
    eventId: message.messageId,
    eventType: message.type,
    createdAt: message.when,
    profile: endpoint.profile,
    secrets: endpoint.secrets,
    asymmetricKeys: endpoint.asymmetricKeys,
    headers: endpoint.headers,
    timeoutMs,
  };
}
