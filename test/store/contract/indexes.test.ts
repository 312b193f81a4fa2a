import { expect, test } from "vitest";
import { useStore } from "./fixture.js";

const fixture = useStore();

test("an index of a version before is dropped, by whichever of two processes that start together", async () => {
  const deliveries = fixture.raw("deliveries");
  await deliveries.createIndexes([{ name: "due", key: { waiting: 1, nextAttemptAt: 1 } }]);
  const second = await fixture.second();

  await Promise.all([fixture.store.ensureIndexes(), second.ensureIndexes()]);

  const names = Object.keys(await deliveries.indexInformation());
  expect(names).toEqual(expect.arrayContaining(["overdue", "ownerless", "ofEndpoint"]));
  expect(names).not.toContain("due");
  await second.ensureIndexes();
});
