import { expect, test } from "vitest";
import { readOptions } from "./options.js";

test("without options a soak is ten minutes with one hostile receiver of each kind", () => {
  const read = readOptions([]);
  expect(read).toMatchObject({ ok: true, out: null, options: { hostileMs: 600_000, rate: 50, twins: false } });
});

test("options are taken as they are given", () => {
  const read = readOptions([
    "--minutes",
    "2",
    "--seed=7",
    "--rate",
    "20",
    "--receivers",
    "3",
    "--twins",
    "--out",
    "a.json",
  ]);
  expect(read).toMatchObject({
    ok: true,
    out: "a.json",
    options: { hostileMs: 120_000, seed: 7, rate: 20, receivers: 3, twins: true },
  });
});

test.each([
  [["--minutes", "none"], "--minutes"],
  [["--minutes", "0"], "--minutes"],
  [["--receivers", "1000"], "--receivers"],
  [["--seed", "-1"], "--seed"],
  [["--nonsense"], "nonsense"],
  [["ten"], "ten"],
  [["--out"], "--out"],
])("%j is refused, and the usage follows", (args, name) => {
  const read = readOptions(args);
  expect(read.ok ? "" : read.message).toContain(name);
  expect(read.ok ? "" : read.message).toContain("npm run soak");
});
