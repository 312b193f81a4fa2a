import { afterEach, beforeEach, expect, test } from "vitest";
import { createActivityWork } from "../../activities/activity-work.js";
import { createActivities } from "../../activities/create-activities.js";
import { PosthornError } from "../../core/errors.js";
import { eventsWorkflowId } from "../../core/workflow-contract.js";
import { BatchDispatcher } from "../../runtime/temporal/dispatcher.js";
import { TemporalLink } from "../../runtime/temporal/link.js";
import { WorkerRunner } from "../../runtime/temporal/worker.js";
import { createStarter } from "../../runtime/temporal/workflow-starter.js";
import { createActivityWorld } from "../support/activity-ports.js";
import { untilDelivery } from "../support/lane.js";
import { VirtualTime } from "../support/virtual-time.js";

const log = createActivityWorld().ports.log;

let time: VirtualTime;
beforeEach(async () => {
  time = await VirtualTime.start();
});
afterEach(async () => time.stop());

test("a start that has failed is repeated as it was, so that one whose answer was lost is not started twice", async () => {
  const endpoint = await time.newEndpoint();
  const [first, second] = [await time.newEvent([endpoint]), await time.newEvent([endpoint])];
  let calls = 0;
  const start = createStarter({ link: { call: (_, work) => work(time.env.client) }, eager: false });
  const dispatcher = new BatchDispatcher({
    start: async (events) => {
      calls += 1;
      const isFirst = calls === 1;
      await start(events);
      if (!isFirst) return;
      dispatcher.dispatch(second);
      throw new PosthornError("engine_unavailable");
    },
    log,
    batchMax: 200,
  });

  dispatcher.dispatch(first);
  for (const event of [first, second]) {
    await untilDelivery(time, { event, endpoint }, (it) => it.status === "delivered");
  }
  await dispatcher.close(5_000);

  expect(calls).toBe(3);
  const together = time.env.client.workflow.getHandle(eventsWorkflowId([first.id, second.id]));
  await expect(together.describe()).rejects.toThrow();
});

test("a worker that never reached Temporal stops when it is told to", async () => {
  const link = new TemporalLink({ address: "127.0.0.1:1", namespace: "default", log });
  const work = createActivityWork(createActivityWorld().ports, { has: () => false, adopt: () => undefined });
  const activities = createActivities(work);
  const worker = new WorkerRunner({ link, activities, bundle: { codePath: "not-needed.js" }, log });

  await worker.stop();
  await link.close();
});
