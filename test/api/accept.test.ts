import { expect, test } from "vitest";
import { acceptEvent } from "../../api/publishing/accept.js";
import { createMemoryPorts } from "../support/memory-ports.js";
import { sampleEvent } from "../support/samples.js";

/** With a receiver's request that is written in the next phase of the event loop, as that of an idle connection is. */
function intake() {
  const { deps, state } = createMemoryPorts();
  const order: string[] = [];
  const headStarts = {
    claim: () => null,
    begin: () => {
      void Promise.resolve().then(() => setImmediate(() => order.push("request")));
      return true;
    },
  };
  const [applicationId = ""] = state.applications.keys();
  const event = sampleEvent({ id: deps.ids.next("event"), applicationId, now: state.now() });
  return { services: { ...deps, headStarts }, event, order };
}

test("the receivers' requests are written before the publisher is answered", async () => {
  const { services, event, order } = intake();
  await acceptEvent(services, event);
  order.push("answer");
  expect(order).toEqual(["request", "answer"]);
});

test("an event that goes to its workflow at once is answered at once", async () => {
  const { services, event, order } = intake();
  await acceptEvent({ ...services, headStarts: { claim: () => null, begin: () => false } }, event);
  order.push("answer");
  await new Promise(setImmediate);
  expect(order).toEqual(["answer"]);
});
