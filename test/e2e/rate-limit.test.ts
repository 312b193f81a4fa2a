/** Limits that hold for all processes of an installation together: two of them, and receivers that count. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEndpoint, publish } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import { startReceiver } from "../support/receiver.js";
import type { ReceivedRequest, Receiver } from "../support/receiver.js";
import type { DeliveryAnswer, EndpointAnswer, PageAnswer, PublishAnswer } from "../support/shapes.js";
import { until } from "../support/until.js";

const TOLERANCE = 1.1;

let processes: Posthorn[] = [];
beforeAll(async () => {
  const installation = await newInstallation();
  processes = [await Posthorn.start(installation), await Posthorn.start(installation)];
});
afterAll(async () => {
  await Promise.all(processes.map((it) => it.stop()));
});

function oneOf(index: number): Posthorn {
  const it = processes[index % processes.length];
  if (it === undefined) throw new Error("the processes have not started");
  return it;
}

/** Most requests that came within any second. */
function mostInASecond(requests: readonly ReceivedRequest[]): number {
  const times = requests.map((it) => it.receivedAt).sort((a, b) => a - b);
  return Math.max(...times.map((from) => times.filter((it) => it >= from && it < from + 1_000).length));
}

function numbersIn(requests: readonly ReceivedRequest[]): number[] {
  return requests.map((it) => {
    const body = JSON.parse(it.body.toString()) as { number: number }; // what this test published
    return body.number;
  });
}

describe("an endpoint with 5 requests a second", () => {
  const allowed = (5 + 5) * TOLERANCE;
  const rateLimit = { perSecond: 5 };

  test("gets what two processes accepted at that rate, and all of it", async () => {
    const receiver = await startReceiver();
    const endpoint = await createEndpoint(oneOf(0), { url: receiver.url, rateLimit });
    expect(endpoint).toMatchObject({ rateLimit: { perSecond: 5, burst: 5 } });

    const endpointIds = [endpoint.id];
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    await Promise.all(numbers.map((number) => publish(oneOf(number), { endpointIds, payload: { number } })));
    const requests = await receiver.waitFor(40, 60_000);

    expect(numbersIn(requests).sort((a, b) => a - b)).toEqual(numbers);
    expect(mostInASecond(requests)).toBeLessThanOrEqual(allowed);
    await receiver.close();
  });

  test("gets what one process accepted in the order of publishing, and people see when the rest is expected", async () => {
    const receiver = await startReceiver();
    const { id } = await createEndpoint(oneOf(1), { url: receiver.url, rateLimit: { perSecond: 5, burst: 1 } });

    const numbers = Array.from({ length: 30 }, (_, number) => number);
    const events = numbers.map((number) => ({ eventType: "order.paid", endpointIds: [id], payload: { number } }));
    const publishedMs = Date.now();
    const { results } = await oneOf(1).ok<{ results: PublishAnswer[] }>("POST", "/v1/events/batch", { events });
    const path = `/v1/deliveries?event=${results.at(-1)?.id ?? ""}`;
    const last = await until("the last delivery is on record", async () => {
      const [delivery] = (await oneOf(1).ok<PageAnswer<DeliveryAnswer>>("GET", path)).data;
      return delivery?.nextAttemptAt ? delivery : undefined;
    });
    const requests = await receiver.waitFor(30, 60_000);

    expect(numbersIn(requests)).toEqual(numbers);
    expect(mostInASecond(requests)).toBeLessThanOrEqual((5 + 1) * TOLERANCE);
    // 29 turns behind the first.
    expect(Date.parse(last.nextAttemptAt ?? "") - publishedMs).toBeGreaterThanOrEqual(29 * 200);
    await receiver.close();
  });
});

describe("requests at once", () => {
  beforeAll(async () => {
    for (const it of processes) {
      await until("the processes share the limits", async () => {
        const text = await (await fetch(`${it.url}/metrics`)).text();
        return text.includes('posthorn_requests_limit{per="endpoint"} 16') ? true : undefined;
      });
    }
  });

  interface Slow {
    receiver: Receiver;
    most: () => number;
  }

  /** Answers after half a second and counts what is there at once. */
  async function startSlow(): Promise<Slow> {
    let [now, most] = [0, 0];
    const receiver = await startReceiver({
      respond: async () => {
        now += 1;
        most = Math.max(most, now);
        await sleep(500);
        now -= 1;
        return { status: 204 };
      },
    });
    return { receiver, most: () => most };
  }

  test("are at most 32 to one endpoint, from two processes together", async () => {
    const { receiver, most } = await startSlow();
    const { id } = await createEndpoint(oneOf(0), { url: receiver.url });

    const all = Array.from({ length: 240 }, (_, number) => publish(oneOf(number), { endpointIds: [id] }));
    await Promise.all(all);
    await receiver.waitFor(240, 60_000);

    expect(most()).toBeLessThanOrEqual(32 * TOLERANCE);
    await receiver.close();
  });

  test("are at most 128 to the endpoints of one application, from two processes together", async () => {
    const { receiver, most } = await startSlow();
    const endpoints: EndpointAnswer[] = [];
    for (let index = 0; index < 6; index += 1) {
      endpoints.push(await createEndpoint(oneOf(0), { url: `${receiver.url}/${index}` }));
    }
    const endpointIds = endpoints.map((it) => it.id);

    await Promise.all(Array.from({ length: 120 }, (_, number) => publish(oneOf(number), { endpointIds })));
    await receiver.waitFor(720, 60_000);

    expect(most()).toBeLessThanOrEqual(128 * TOLERANCE);
    await receiver.close();
  });
});
