/** What operators are told, as they get it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { verifyWebhook } from "../../client/verify.js";
import { createEndpoint } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { Receiver } from "../support/receiver.js";
import type { PageAnswer } from "../support/shapes.js";

const OPERATOR = "?application=operator";

let posthorn: Posthorn;
let receiver: Receiver;
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
});
afterAll(async () => posthorn.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

test("an endpoint of the application operator gets a signed webhook when another endpoint is disabled", async () => {
  const fields = { url: receiver.url, eventTypes: ["endpoint.*"], application: "operator" };
  const ours = await createEndpoint(posthorn, fields);
  const { key } = await posthorn.ok<{ key: string }>("GET", `/v1/endpoints/${ours.id}/secret${OPERATOR}`);
  const theirs = await createEndpoint(posthorn, { url: "http://127.0.0.1:8088/in?token=s3cr3t", uid: "crm" });
  await posthorn.ok("POST", `/v1/endpoints/${theirs.id}/disable`);
  await posthorn.ok("POST", `/v1/endpoints/${theirs.id}/disable`);
  await posthorn.ok("POST", `/v1/endpoints/${theirs.id}/enable`);

  const requests = await receiver.waitFor(2);
  const [disabled, enabled] = requests
    .map((request) => verifyWebhook({ payload: request.body, headers: request.headers, secret: key }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const about = {
    endpointId: theirs.id,
    endpointUid: "crm",
    applicationUid: "default",
    url: "http://127.0.0.1:8088/in",
  };
  expect(disabled?.json).toMatchObject({ type: "endpoint.disabled", data: { ...about, reason: "manual" } });
  expect(enabled?.json).toMatchObject({ type: "endpoint.enabled", data: about });

  const events = await posthorn.ok<PageAnswer<{ id: string; eventType: string }>>("GET", `/v1/events${OPERATOR}`);
  expect(events.data.map((it) => it.id)).toEqual([enabled?.id, disabled?.id]);
  const other = await posthorn.ok<PageAnswer<unknown>>("GET", "/v1/events");
  expect(other.data).toEqual([]);
  const types = await posthorn.ok<PageAnswer<{ name: string }>>("GET", `/v1/event-types${OPERATOR}`);
  expect(types.data.map((it) => it.name)).toContain("delivery.exhausted");
});
