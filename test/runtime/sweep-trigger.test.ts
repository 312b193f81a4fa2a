import { afterAll, beforeAll, test } from "vitest";
import { TemporalLink } from "../../runtime/temporal/link.js";
import { searchAttributesKnown, setUpNamespace, triggerSweep } from "../../runtime/temporal/setup.js";
import { createActivityWorld } from "../support/activity-ports.js";
import { newNamespace } from "../support/namespace.js";
import { until } from "../support/until.js";

let link: TemporalLink;
beforeAll(async () => {
  const where = await newNamespace();
  link = new TemporalLink({ ...where, log: createActivityWorld().ports.log });
  await link.whenConnected();
  await setUpNamespace(link);
  await searchAttributesKnown(link, new AbortController().signal);
}, 60_000);
afterAll(() => link.close());

test("a sweep that is asked for runs also beside one that has not ended: its process may be gone", async () => {
  // Its own turns are not what is tested, and no worker is there: what has begun does not end.
  await link.client.schedule.getHandle("posthorn-sweep").pause();
  const query = "WorkflowType = 'sweep' AND ExecutionStatus = 'Running'";
  const running = async (): Promise<number> => (await link.client.workflow.count(query)).count;

  await triggerSweep(link);
  await until("a sweep runs", async () => (await running()) === 1);
  // Temporal names a run by the second, and two of one second are one.
  await until("two sweeps run", async () => {
    await triggerSweep(link);
    return (await running()) >= 2;
  });
});
