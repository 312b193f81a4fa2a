/** One ping: what is sent to a receiver of the profile `metriport`, and what its answer says about it. */
import { randomUUID } from "node:crypto";
import { nanoid } from "nanoid";
import { PosthornError } from "../../core/errors.js";
import { isJsonObject } from "../../core/json.js";
import { LIMITS } from "../../core/limits.js";
import type { Endpoint, ReceiverState } from "../../core/model.js";
import type { SendResult } from "../../core/ports.js";
import { receiverStateAfter } from "../../core/receiver-state.js";
import { changeEndpoint } from "../endpoints/change.js";
import type { ApiServices } from "../deps.js";
import { directRequest, jsonBytes } from "./message.js";

export const PING_TYPE = "ping";
const NO_PONG: ReceiverState = { healthy: false, detail: "Bad response from webhook call" };

/**
 * Pings the endpoint and writes what came of it, unless the endpoint has another URL or key by then.
 *
 * @throws `internal` if the ping could not be made at all, `store_unavailable`
 */
export async function pingEndpoint(services: ApiServices, endpoint: Endpoint): Promise<ReceiverState> {
  const ping = nanoid();
  const messageId = randomUUID();
  const when = new Date(services.clock.now());
  const meta = { messageId, when: when.toISOString(), type: PING_TYPE };
  const message = { messageId, when, type: PING_TYPE, payload: jsonBytes({ ping, meta }) };
  const result = await services.sender.send(directRequest(endpoint, message, LIMITS.pingTimeoutMs));
  if (result.outcome.startsWith("internal.")) {
    throw new PosthornError("internal", `endpoint ${endpoint.id} could not be pinged: ${result.error ?? ""}`);
  }
  const state = stateAfterPing(result, ping, endpoint.skipPong);
  await note(services, endpoint, state);
  return state;
}

function stateAfterPing(result: SendResult, ping: string, skipPong: boolean): ReceiverState {
  if (result.outcome !== "ok" || skipPong || pongIn(result.responseBody) === ping) return receiverStateAfter(result);
  return NO_PONG;
}

function pongIn(body: string | null): unknown {
  try {
    const answer: unknown = JSON.parse(body ?? "");
    return isJsonObject(answer) ? answer.pong : undefined;
  } catch {
    return undefined;
  }
}

async function note(services: ApiServices, pinged: Endpoint, receiver: ReceiverState): Promise<void> {
  const now = await services.stores.endpoints.find(pinged.applicationId, pinged.id);
  if (now === null || now.url !== pinged.url || keyOf(now) !== keyOf(pinged)) return;
  if (now.receiver?.healthy === receiver.healthy && now.receiver.detail === receiver.detail) return;
  await changeEndpoint(services, now, { receiver });
}

function keyOf({ secrets }: Endpoint): string | undefined {
  return secrets[0]?.key.reveal();
}
