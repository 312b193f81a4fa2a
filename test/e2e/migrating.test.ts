/** The steps of docs/migrating.md, as they stand there. */
import { readFile } from "node:fs/promises";
import { MetriportMedicalApi } from "@metriport/api-sdk";
import { Webhook } from "svix";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { ReceivedRequest, Receiver } from "../support/receiver.js";

interface Step {
  path: string;
  body: Record<string, unknown>;
}

let posthorn: Posthorn;
let receiver: Receiver;
let steps: Step[];
beforeAll(async () => {
  posthorn = await Posthorn.start(await newInstallation());
  receiver = await startReceiver();
  steps = stepsOf(await readFile(new URL("../../docs/migrating.md", import.meta.url), "utf8"));
});
afterAll(async () => {
  await receiver.close();
  await posthorn.stop();
});

/** Every request of the page, in its order. */
function stepsOf(page: string): Step[] {
  return [...page.matchAll(/curl \$POSTHORN(\S+) .*? -d '(\{[\s\S]*?\n\s*\})'/g)].map(([, path = "", body = ""]) => ({
    path,
    body: JSON.parse(body) as Record<string, unknown>,
  }));
}

/** Does what the page says; the consumer's URL is the test's. */
async function follow(step: Step | undefined): Promise<{ id: string }> {
  if (step === undefined) throw new Error("the page has fewer steps than the test");
  const body = "url" in step.body ? { ...step.body, url: receiver.url } : step.body;
  return posthorn.ok<{ id: string }>("POST", step.path, body);
}

function secretOf(step: Step | undefined): string {
  const secret = step?.body.secret;
  if (typeof secret !== "string") throw new Error("this step brings a secret");
  return secret;
}

const headersOf = (request: ReceivedRequest): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

test("the URLs of the page are such as any installation takes", () => {
  const policy = createUrlPolicy({ guard: createAddressGuard() });
  const urls = steps.flatMap(({ body }) => (typeof body.url === "string" ? [body.url] : []));
  expect(urls.map((url) => policy.check(url).ok)).toEqual([true, true]);
});

test("a consumer of Open Wearables goes on with the secret it has", async () => {
  const [endpoint, event] = steps;
  const { id } = await follow(endpoint);
  await follow(event);

  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error("one request was waited for");

  const text = request.body.toString();
  expect(new Webhook(secretOf(endpoint)).verify(text, headersOf(request))).toEqual(event?.body.payload);
  expect(await posthorn.ok("GET", `/api/v1/webhooks/endpoints/${id}`)).toMatchObject({
    filter_types: ["workout.created", "sleep.created"],
    user_id: "8f0c4f0e-6a2f-4a53-9f8e-2f8f3f7a1c11",
  });
});

test("a customer of Metriport goes on with the key it has", async () => {
  const [, , application, endpoint, message] = steps;
  const { id } = await follow(application);
  await follow(endpoint);
  const key = secretOf(endpoint);
  expect(await posthorn.ok("GET", "/settings?application=cx-1")).toEqual({
    id,
    webhookUrl: receiver.url,
    webhookKey: key,
    mrFilters: null,
  });
  const seen = receiver.requests.length;
  await follow(message);

  const request = (await receiver.waitFor(seen + 1)).at(-1);
  if (request === undefined) throw new Error("one request was waited for");

  expect(request.headers["x-webhook-key"]).toBe(key);
  const signature = String(request.headers["x-metriport-signature"]);
  expect(MetriportMedicalApi.verifyWebhookSignature(key, request.body, signature)).toBe(true);
  expect(JSON.parse(request.body.toString())).toMatchObject({
    meta: { messageId: "0b0e6f1c-5a0b-4b6c-9d61-5a3f3a1f7f10", data: { batch: "7" } },
  });
});
