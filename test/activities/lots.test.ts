import { expect, test } from "vitest";
import { Lots } from "../../activities/lots.js";

test("lots double while they come soon after each other, to 1,000, and begin anew after a while", () => {
  const lots = new Lots(200);
  const sizes = [0, 1_000, 2_000, 3_000, 8_000].map((atMs) => lots.next("ep_a", atMs));
  expect(sizes).toEqual([200, 400, 800, 1_000, 1_000]);
  expect(lots.next("ep_a", 13_001)).toBe(200);
});

test("each endpoint has its own", () => {
  const lots = new Lots(55);
  expect([lots.next("ep_a", 0), lots.next("ep_a", 1), lots.next("ep_b", 2)]).toEqual([55, 110, 55]);
});
