/**
 * What attempts say about a `metriport` receiver, kept with its endpoint for its owner to read. It stops nothing, and it
 * is written only where it changes: an endpoint has far more attempts than turns.
 */
import type { Endpoint, ReceiverState } from "../core/model.js";
import type { SendResult } from "../core/ports.js";
import { receiverStateAfter } from "../core/receiver-state.js";
import type { ActivityPorts } from "./ports.js";

/** To be called when the attempt is on record; never rejects. `called`: the endpoint as the attempt saw it. */
export async function noteReceiver(
  ports: ActivityPorts,
  called: Endpoint,
  result: Pick<SendResult, "outcome" | "statusCode" | "error">,
): Promise<void> {
  const { id, applicationId } = called;
  const receiver = receiverStateAfter(result);
  try {
    const known = (await ports.directory.of(applicationId)).find((it) => it.id === id);
    if (known === undefined || !changes(known, receiver)) return;
    // The snapshot may be a second old, and many attempts may end in it: one of them writes.
    const now = await ports.endpoints.findById(id);
    if (now === null || !isSameReceiver(now, called) || !changes(now, receiver)) return;
    await ports.endpoints.update(applicationId, id, { receiver });
  } catch (error) {
    // The attempt is on record; the next one says the same.
    ports.log.error({ endpointId: id }, "endpoint.receiver_not_noted", error);
    return;
  }
  ports.directory.invalidate(applicationId);
  ports.log.info({ endpointId: id, applicationId, healthy: receiver.healthy }, "endpoint.receiver_changed");
}

function changes({ receiver: known }: Endpoint, after: ReceiverState): boolean {
  if (known === null || known.healthy !== after.healthy) return true;
  return !after.healthy && known.detail !== after.detail;
}

/** With another URL or another key, the answer was not about the receiver that the endpoint has now. */
function isSameReceiver(now: Endpoint, called: Endpoint): boolean {
  const keyOf = (it: Endpoint): number | undefined => it.secrets[0]?.createdAt.getTime();
  return now.url === called.url && keyOf(now) === keyOf(called);
}
