import { expect, onTestFinished, test } from "vitest";
import { startConnectProxy } from "../support/connect-proxy.js";
import { createEndpoint, publish, QUICK, untilDelivery } from "../support/e2e.js";
import { textLike } from "../support/matchers.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";

test("the operator's settings reach the sender and the rules for URLs, and a failure comes with its remedy", async () => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  const posthorn = await Posthorn.start(await newInstallation(), {
    env: {
      POSTHORN_EGRESS_ALLOW: "hooks.acme.com",
      POSTHORN_EGRESS_HTTPS_ONLY: "true",
      POSTHORN_EGRESS_PORTS: "3000",
      POSTHORN_EGRESS_PROXY: `http://127.0.0.1:${proxy.port}`,
      POSTHORN_PUBLIC_URL: "https://posthorn.acme.com",
    },
  });
  onTestFinished(() => posthorn.stop());

  const tries = async (url: string) => (await posthorn.call("POST", "/v1/endpoints", { url })).status;
  expect(await tries("http://shop.acme.com/")).toBe(400);
  expect(await tries("https://8.8.8.8/")).toBe(400);
  expect(await tries("https://shop.acme.com:3001/")).toBe(400);
  expect(await tries("https://posthorn.acme.com/")).toBe(400);
  expect(await tries("https://shop.acme.com:3000/")).toBe(201);

  const url = `http://hooks.acme.com:${receiver.port}/hook`;
  const endpoint = await createEndpoint(posthorn, { url, eventTypes: ["a.b"], ...QUICK });
  const nobody = await createEndpoint(posthorn, { url: "http://hooks.acme.com:1024/", eventTypes: ["a.b"], ...QUICK });
  const event = await publish(posthorn, { eventType: "a.b" });
  const done = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: endpoint.id },
    (it) => it.attemptCount > 0,
  );
  expect(done.status).toBe("delivered");
  expect(proxy.asked).toContain(`hooks.acme.com:${receiver.port}`);
  const failed = await untilDelivery(
    posthorn,
    { eventId: event.id, endpointId: nobody.id },
    (it) => it.attemptCount > 0,
  );
  expect(failed.attempts[0]).toMatchObject({
    outcome: "connect.failed",
    remedy: textLike(/\.$/),
  });
});

test("where this machine is open, the ports of the installation and of its servers stay closed; metrics can have their own", async () => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const installation = await newInstallation();
  const posthorn = await Posthorn.start(installation, { env: { POSTHORN_METRICS_PORT: "0" } });
  onTestFinished(() => posthorn.stop());
  const metricsUrl = posthorn.log.find((it) => it.msg === "posthorn.metrics")?.url;
  expect(metricsUrl).toEqual(textLike(/^http:\/\/127\.0\.0\.1:\d+$/));
  expect(await (await fetch(`${String(metricsUrl)}/metrics`)).text()).toContain("posthorn_auth_refused_total 0");
  expect((await fetch(`${posthorn.url}/metrics`)).status).toBe(404);

  const create = (url: string) => posthorn.call("POST", "/v1/endpoints", { url });
  expect((await create(receiver.url)).status).toBe(201);
  const { MONGODB_URI = "", TEMPORAL_ADDRESS = "" } = installation.env;
  const own = [posthorn.url, String(metricsUrl), `http://${new URL(MONGODB_URI).host}`, `http://${TEMPORAL_ADDRESS}`];
  for (const url of own) {
    const refused = await create(`${url}/v1/keys`);
    expect([url, refused.status, JSON.stringify(refused.body)]).toEqual([
      url,
      400,
      textLike(/this installation itself/),
    ]);
  }
});
