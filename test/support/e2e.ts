/** What end-to-end tests do all the time. */
import type { Posthorn } from "./posthorn.js";
import type { DeliveryAnswer, EndpointAnswer, PageAnswer, PublishAnswer } from "./shapes.js";
import { until } from "./until.js";

/** Retries at once, as far as durable timers go. */
export const QUICK = { retryPolicy: { scheduleSeconds: [1, 1, 1], jitter: 0 } };
/** Retries when the test is long over. */
export const SLOW = { retryPolicy: { scheduleSeconds: [3600], jitter: 0 } };

export function createEndpoint(posthorn: Posthorn, fields: Record<string, unknown>): Promise<EndpointAnswer> {
  return posthorn.ok<EndpointAnswer>("POST", "/v1/endpoints", fields);
}

export function publish(posthorn: Posthorn, fields: Record<string, unknown> = {}): Promise<PublishAnswer> {
  return posthorn.ok<PublishAnswer>("POST", "/v1/events", {
    eventType: "order.paid",
    payload: { total: 1 },
    ...fields,
  });
}

export async function deliveriesOf(posthorn: Posthorn, eventId: string): Promise<DeliveryAnswer[]> {
  return (await posthorn.ok<PageAnswer<DeliveryAnswer>>("GET", `/v1/deliveries?event=${eventId}&limit=250`)).data;
}

/** The delivery of an event to an endpoint, with its attempts, as soon as it is as expected. */
export function untilDelivery(
  posthorn: Posthorn,
  ids: { eventId: string; endpointId: string },
  expected: (delivery: DeliveryAnswer) => boolean,
  timeoutMs?: number,
): Promise<DeliveryAnswer> {
  return until(
    `the delivery of ${ids.eventId} is as expected`,
    async () => {
      const found = (await deliveriesOf(posthorn, ids.eventId)).find((it) => it.endpointId === ids.endpointId);
      if (found === undefined) return undefined;
      const delivery = await posthorn.ok<DeliveryAnswer>("GET", `/v1/deliveries/${found.id}`);
      return expected(delivery) ? delivery : undefined;
    },
    timeoutMs,
  );
}
