import { expect, test, vi } from "vitest";
import { readOptions } from "../../bench/options.js";
import { SCENARIOS } from "../../bench/scenarios/index.js";

test.each([
  [["--nonsense"], "unknown option '--nonsense'"],
  [["light-10"], "too many arguments"],
  [["--only", "nonsense"], '"nonsense" is no scenario'],
  [["--size", "huge"], "Allowed choices are full, quick, tiny"],
  [["--quick", "--size", "tiny"], "one of them"],
  [["--processes", "0"], "whole number from 1"],
  [["--set", "nonsense"], "Must be NAME=value"],
  [["--against", "ftp://127.0.0.1"], "Must be an http or https URL"],
  [["--against", "http://127.0.0.1:9"], "--against needs --key"],
  [["--against", "http://127.0.0.1:9", "--key", "some-key", "--profile"], "--profile cannot be used with --against"],
  [["--receiver-host", "bench.example"], "--receiver-host needs --against"],
])("%j is refused with a reason", (args, reason) => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    expect(() => readOptions(args)).toThrow(reason);
  } finally {
    said.mockRestore();
  }
});

test("without options everything is measured in full, on a Posthorn of its own", () => {
  expect(readOptions([])).toMatchObject({
    scenarios: SCENARIOS,
    size: "full",
    processes: 1,
    against: null,
    dist: null,
  });
});

test("settings add up, and an address has no slash at its end", () => {
  const set = readOptions(["--set", "POSTHORN_BATCH_MAX=1", "--set", "POSTHORN_LOG_LEVEL=error=1"]);
  const against = readOptions(["--against", "http://127.0.0.1:9/", "--key", "some-key", "--only", "light-10,idle"]);

  expect(set.settings).toEqual({ POSTHORN_BATCH_MAX: "1", POSTHORN_LOG_LEVEL: "error=1" });
  expect(against).toMatchObject({ against: { url: "http://127.0.0.1:9", key: "some-key" } });
  expect(against.scenarios.map((it) => it.name)).toEqual(["light-10", "idle"]);
});

test("no two scenarios have the same name", () => {
  expect(new Set(SCENARIOS.map((it) => it.name)).size).toBe(SCENARIOS.length);
});
