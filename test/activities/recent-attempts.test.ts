import { beforeEach, describe, expect, it } from "vitest";
import { RecentAttempts } from "../../activities/recent-attempts.js";
import type { OutcomeClass } from "../../core/outcome.js";

const URL = "https://receiver.example.com/hook";

let recent: RecentAttempts;
beforeEach(() => {
  recent = new RecentAttempts();
});

/** Notes so many attempts at this time, and answers what was said to the last of them. */
function note(
  count: number,
  outcome: OutcomeClass,
  { nowMs = 0, id = "ep_a", url = URL }: { nowMs?: number; id?: string; url?: string } = {},
): boolean {
  let isBad = false;
  for (let attempt = 0; attempt < count; attempt += 1) isBad = recent.note({ id, url }, { outcome, nowMs });
  return isBad;
}

describe("too many of the last requests have failed", () => {
  it("with 7 failures in 10 attempts, and not with 6", () => {
    note(4, "ok");
    expect(note(6, "http.500")).toBe(false);

    note(3, "ok", { id: "ep_b" });
    expect(note(6, "http.500", { id: "ep_b" })).toBe(false);
    expect(note(1, "http.500", { id: "ep_b" })).toBe(true);
  });

  it("with 10 attempts and never with fewer, although all have failed", () => {
    expect(note(9, "http.500")).toBe(false);
    expect(note(1, "http.500")).toBe(true);
  });

  it("only if they are many among those that succeed as well", () => {
    note(4, "ok");
    // 9 of 13 are 69 %, 10 of 14 are 71 %.
    expect(note(9, "http.500")).toBe(false);
    expect(note(1, "http.500")).toBe(true);
  });

  it("is never said of an attempt that succeeds", () => {
    expect(note(10, "http.500")).toBe(true);
    expect(note(1, "ok")).toBe(false);
    expect(note(1, "http.500")).toBe(true);
  });

  it("whatever they came to", () => {
    note(5, "connect.refused");
    note(3, "timeout.headers");
    note(1, "blocked.address");
    expect(note(1, "redirect")).toBe(true);
  });
});

describe("the last requests", () => {
  it("are those of 30 s: a millisecond later the failures before do not count", () => {
    note(9, "http.500", { id: "ep_a" });
    note(9, "http.500", { id: "ep_b" });
    expect(note(1, "http.500", { id: "ep_a", nowMs: 29_999 })).toBe(true);
    expect(note(1, "http.500", { id: "ep_b", nowMs: 30_000 })).toBe(false);
  });

  it("are those of 30 s among the successes as well", () => {
    note(100, "ok");
    expect(note(10, "http.500", { nowMs: 29_999 })).toBe(false);
    expect(note(1, "http.500", { nowMs: 30_000 })).toBe(true);
  });

  it("count for 20 s at least, although those of 10 s go together", () => {
    note(1, "ok");
    note(9, "http.500", { nowMs: 9_999 });
    expect(note(1, "http.500", { nowMs: 29_999 })).toBe(true);
  });

  it("go in their turn: a failure every 4 s is never too many", () => {
    for (let attempt = 0; attempt < 100; attempt += 1)
      expect(note(1, "http.500", { nowMs: attempt * 4_000 })).toBe(false);
  });

  it("are those of one endpoint: what another does says nothing of it", () => {
    note(100, "http.500", { id: "ep_b" });
    expect(note(9, "http.500", { id: "ep_a" })).toBe(false);
    note(100, "ok", { id: "ep_b" });
    expect(note(1, "http.500", { id: "ep_a" })).toBe(true);
  });

  it("are those to one URL: what another one answered says nothing of it", () => {
    note(100, "http.500");
    const url = "https://corrected.example.com/hook";
    expect(note(9, "http.500", { url })).toBe(false);
    expect(note(1, "http.500", { url })).toBe(true);
  });

  it("are kept for 10,000 endpoints: of one more, what was called longest ago is forgotten", () => {
    for (const id of ["ep_oldest", "ep_a"]) note(9, "http.500", { id });
    for (let other = 0; other < 9_999; other += 1) note(1, "http.500", { id: `ep_${other}` });
    expect(note(1, "http.500", { id: "ep_a" })).toBe(true);
    expect(note(1, "http.500", { id: "ep_oldest" })).toBe(false);
  });
});
