import { expect, test } from "vitest";
import { createEndpoint, publish, untilDelivery } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";

test("one process accepts and another delivers; a worker serves its health and nothing else", async () => {
  const installation = await newInstallation();
  const receiver = await startReceiver({ respond: (_, index) => ({ status: index === 0 ? 500 : 200 }) });
  const api = await Posthorn.start(installation, { role: "api" });
  const endpoint = await createEndpoint(api, {
    url: receiver.url,
    retryPolicy: { scheduleSeconds: [1, 1], jitter: 0 },
  });
  const event = await publish(api, { endpointIds: [endpoint.id] });

  const worker = await Posthorn.start(installation, { role: "worker" });
  const delivery = await untilDelivery(
    api,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.status === "delivered",
    60_000,
  );

  expect(delivery.attempts.map((it) => it.statusCode)).toEqual([500, 200]);
  expect((await worker.call("GET", "/readyz")).status).toBe(200);
  expect((await worker.call("GET", "/v1/events")).status).toBe(404);
  await worker.stop();
  await api.stop();
  await receiver.close();
});
