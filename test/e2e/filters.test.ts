import { afterAll, beforeAll, expect, test } from "vitest";
import { createEndpoint, deliveriesOf, publish, untilDelivery } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Receiver } from "../support/receiver.js";
import type { DeliveryAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

let posthorn: Posthorn;
let receiver: Receiver;
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await posthorn.stop();
});

const TYPES = { all: [], exact: ["order.paid"], wildcard: ["order.*"], other: ["user.created"] };
const CHANNELS = { all: [], shared: ["eu", "us"], other: ["asia"] };
const STATES = ["active", "paused", "disabled"] as const;

/** The rule, written once more: what the product promises. */
function expected(
  types: keyof typeof TYPES,
  channels: keyof typeof CHANNELS,
  state: (typeof STATES)[number],
  eventChannels: string[],
): string {
  const matches = types !== "other" && (channels === "all" || (channels === "shared" && eventChannels.length > 0));
  if (!matches || state === "disabled") return "nothing";
  return state === "paused" ? "held" : "delivered";
}

test("event types, channels, pause and disable decide together who gets an event, and explain says why", async () => {
  const rows = Object.keys(TYPES).flatMap((types) =>
    Object.keys(CHANNELS).flatMap((channels) => STATES.map((state) => ({ types, channels, state }))),
  ) as { types: keyof typeof TYPES; channels: keyof typeof CHANNELS; state: (typeof STATES)[number] }[];
  const ids = new Map<string, (typeof rows)[number]>();
  for (const row of rows) {
    const endpoint = await createEndpoint(posthorn, {
      url: receiver.url,
      eventTypes: TYPES[row.types],
      channels: CHANNELS[row.channels],
    });
    if (row.state === "paused") await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/pause`);
    if (row.state === "disabled") await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/disable`);
    ids.set(endpoint.id, row);
  }

  for (const channels of [[], ["eu"]]) {
    const event = await publish(posthorn, { channels });
    await until("the event is dispatched", async () => {
      const { state } = await posthorn.ok<{ state: string }>("GET", `/v1/events/${event.id}`);
      return state === "dispatched";
    });
    const byEndpoint = new Map((await deliveriesOf(posthorn, event.id)).map((it) => [it.endpointId, it.status]));
    for (const [id, row] of ids) {
      expect([row, byEndpoint.get(id) ?? "nothing"]).toEqual([
        row,
        expected(row.types, row.channels, row.state, channels),
      ]);
    }
    const explained = await posthorn.ok<{
      endpoints: { endpointId: string; matched: boolean; reason: string; explanation: string }[];
    }>("GET", `/v1/events/${event.id}/explain`);
    for (const it of explained.endpoints) expect(it.matched).toBe(byEndpoint.has(it.endpointId));
  }
});

test("what a paused endpoint held is delivered when it is resumed", async () => {
  const quiet = await startReceiver();
  const endpoint = await createEndpoint(posthorn, { url: quiet.url, eventTypes: ["held.event"] });
  await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/pause`);
  const events = [
    await publish(posthorn, { eventType: "held.event" }),
    await publish(posthorn, { eventType: "held.event" }),
  ];
  for (const event of events) {
    await until("the delivery is held", async () =>
      (await deliveriesOf(posthorn, event.id)).some((it) => it.endpointId === endpoint.id && it.status === "held"),
    );
  }
  expect(quiet.requests).toHaveLength(0);

  await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/resume`);

  const requests = await quiet.waitFor(2);
  expect(new Set(requests.map((it) => it.headers["webhook-id"]))).toEqual(new Set(events.map((it) => it.id)));
  await quiet.close();
});

test("what a paused endpoint holds can be cancelled, and is not sent when it is resumed", async () => {
  const quiet = await startReceiver();
  const endpoint = await createEndpoint(posthorn, { url: quiet.url, eventTypes: ["unwanted.event"] });
  await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/pause`);
  const event = await publish(posthorn, { eventType: "unwanted.event" });
  const ids = { eventId: event.id, endpointId: endpoint.id };
  const held = await untilDelivery(posthorn, ids, (it) => it.status === "held");

  const cancelled = await posthorn.ok<DeliveryAnswer>("POST", `/v1/deliveries/${held.id}/cancel`);
  await posthorn.ok("POST", `/v1/endpoints/${endpoint.id}/resume`);
  const next = await publish(posthorn, { eventType: "unwanted.event" });

  expect(cancelled).toMatchObject({ status: "cancelled", attemptCount: 0 });
  const requests = await quiet.waitFor(1);
  expect(requests.map((it) => it.headers["webhook-id"])).toEqual([next.id]);
  await quiet.close();
});
