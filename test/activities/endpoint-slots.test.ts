import { expect, test } from "vitest";
import { EndpointSlots } from "../../activities/endpoint-slots.js";

test("an endpoint with a long queue does not keep the slots of the process from another endpoint", async () => {
  const slots = new EndpointSlots({ perEndpoint: 2, perProcess: 2, waitingMax: 100 });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const all = [1, 2, 3, 4, 5].map((it) => slots.run("busy", work(`busy ${it}`)));
  all.push(slots.run("other", work("other")));
  await expect.poll(() => begun).toEqual(["busy 1", "busy 2"]);

  ends[0]?.();
  ends[1]?.();

  await expect.poll(() => begun).toEqual(["busy 1", "busy 2", "busy 3", "other"]);
  await expect
    .poll(() => {
      for (const end of ends) end();
      return slots.load;
    })
    .toEqual({ running: 0, waiting: 0 });
  await Promise.all(all);
});
