import { afterAll, beforeAll, expect, test } from "vitest";
import { createEndpoint, deliveriesOf, publish } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { DeliveryAnswer, EndpointAnswer, PageAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

let posthorn: Posthorn;
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
});
afterAll(async () => posthorn.stop());

const EVENTS = 100;

async function operationalTypes(endpointId: string): Promise<string[]> {
  const { data } = await posthorn.ok<PageAnswer<{ id: string; eventType: string }>>(
    "GET",
    "/v1/events?application=operator&order=oldest&limit=250",
  );
  const events = await Promise.all(
    data.map((it) =>
      posthorn.ok<{ eventType: string; payload: { data: { endpointId: string } } }>(
        "GET",
        `/v1/events/${it.id}?application=operator`,
      ),
    ),
  );
  return events.filter((it) => it.payload.data.endpointId === endpointId).map((it) => it.eventType);
}

test(
  "a receiver that is away costs few attempts, and gets everything once when it is back",
  { timeout: 120_000 },
  async () => {
    const gone = await startReceiver();
    await gone.close();
    const endpoint = await createEndpoint(posthorn, {
      url: gone.url,
      retryPolicy: { scheduleSeconds: Array(20).fill(1), jitter: 0 },
    });
    const health = async () => (await posthorn.ok<EndpointAnswer>("GET", `/v1/endpoints/${endpoint.id}`)).health;
    const events = await Promise.all(
      Array.from({ length: EVENTS }, () => publish(posthorn, { endpointIds: [endpoint.id] })),
    );
    const opened = await until("the breaker opens", async () => {
      const now = await health();
      return now.restsUntil === null ? undefined : now;
    });
    expect(opened).toMatchObject({ state: "failing", lastOutcome: "connect.refused" });

    const receiver = await startReceiver({ port: gone.port });
    const deliveries = await until(
      "everything is delivered",
      async () => {
        const found = (await Promise.all(events.map((it) => deliveriesOf(posthorn, it.id)))).flat();
        return found.every((it: DeliveryAnswer) => it.status === "delivered") ? found : undefined;
      },
      90_000,
    );
    await receiver.close();

    expect(receiver.requests).toHaveLength(EVENTS);
    // Those that were on their way when it opened, and probes: without a breaker each would have failed many times.
    const failed = deliveries.reduce((sum, it) => sum + it.attemptCount - 1, 0);
    expect(failed).toBeLessThan(EVENTS);
    expect(await health()).toMatchObject({ state: "healthy", consecutiveFailures: 0, restsUntil: null });
    await until("operators are told", async () => {
      const types = await operationalTypes(endpoint.id);
      return types.join() === "endpoint.failing,endpoint.recovered";
    });
  },
);
