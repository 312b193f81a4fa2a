import { expect, test } from "vitest";
import { Destinations } from "../../egress/destinations.js";

test("a URL is judged anew after a second, so that a change of what is allowed holds for the next requests", () => {
  let nowMs = 0;
  let isAllowed = true;
  const check = () => (isAllowed ? ({ ok: true } as const) : ({ ok: false, problem: "closed" } as const));
  const destinations = new Destinations({ check }, () => nowMs);
  const url = "https://hooks.acme.com:8443/in?token=1";
  expect(destinations.of(url)).toEqual({ ok: true, origin: "https://hooks.acme.com:8443", path: "/in?token=1" });

  isAllowed = false;
  nowMs = 999;
  expect(destinations.of(url).ok).toBe(true);
  nowMs = 1_000;
  expect(destinations.of(url)).toEqual({ ok: false, problem: "closed" });
});

test("URLs of any number take bounded memory", () => {
  let asked = 0;
  const destinations = new Destinations({ check: () => ((asked += 1), { ok: true }) }, () => 0);
  for (let at = 0; at < 1_500; at += 1) destinations.of(`https://hooks.acme.com/${at}`);
  expect(asked).toBe(1_500);
  // The newest is known, the oldest is not any more.
  destinations.of("https://hooks.acme.com/1499");
  expect(asked).toBe(1_500);
  destinations.of("https://hooks.acme.com/0");
  expect(asked).toBe(1_501);
});
