/** A message for trying things out: sent once, at once, and not kept. */
import { randomUUID } from "node:crypto";
import { PosthornError } from "../../core/errors.js";
import { jsonProblem } from "../../core/json.js";
import { LIMITS } from "../../core/limits.js";
import type { Endpoint } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import type { SampleInput } from "../schemas/metriport.js";
import { isCleared } from "./designated.js";
import { directRequest, jsonBytes } from "./message.js";

export interface SampleAnswer {
  /** Of the receiver; 504 where it did not answer in time, 500 where it gave no answer at all. */
  status: number;
  /** The receiver's answer, parsed if it is JSON that can be written anew, or why there is none. */
  webhookResponse: unknown;
  url: string;
  durationMillis: number;
}

/** @throws `invalid_input` without a URL, `endpoint_inactive` if the endpoint is paused or disabled */
export async function sendSample(
  services: ApiServices,
  endpoint: Endpoint | null,
  sample: SampleInput,
): Promise<SampleAnswer> {
  if (endpoint === null || isCleared(endpoint)) {
    throw new PosthornError("invalid_input", "Webhook URL and key must be set before: POST /settings.");
  }
  if (endpoint.status !== "active") {
    throw new PosthornError("endpoint_inactive", `The endpoint is ${endpoint.status}; nothing would be sent.`);
  }
  const messageId = randomUUID();
  const when = new Date(services.clock.now());
  const meta = { messageId, when: when.toISOString(), ...sample.meta };
  const message = { messageId, when, type: sample.meta.type, payload: jsonBytes({ ...sample, meta }) };
  const result = await services.sender.send(directRequest(endpoint, message, LIMITS.metriportTimeoutMs));
  return {
    status: result.statusCode ?? (result.outcome.startsWith("timeout.") ? 504 : 500),
    webhookResponse: result.statusCode === null ? result.error : parsed(result.responseBody ?? ""),
    url: endpoint.url,
    durationMillis: result.durationMs,
  };
}

function parsed(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return jsonProblem(value) === null ? value : body;
  } catch {
    return body;
  }
}
