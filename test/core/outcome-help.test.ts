import { describe, expect, it } from "vitest";
import { FAILED_STATUSES, FAILURES, helpFor, remedyOf } from "../../core/outcome-help.js";
import { consequenceOf } from "../../core/outcome.js";

describe("the remedy", () => {
  it("of success is none", () => {
    expect(remedyOf("ok")).toBeNull();
  });

  it("of every class is a sentence", () => {
    for (const { meaning, remedy } of Object.values(FAILURES)) {
      expect(remedy).toMatch(/^[A-Z].*\.$/);
      expect(meaning).toMatch(/^\S.*[^.]$/);
    }
    expect(remedyOf("timeout.headers")).toContain("timeoutMs");
  });

  it("of a status is that of its row, and every status has one", () => {
    expect(remedyOf("http.403")).toContain("secret");
    expect(remedyOf("http.404")).toContain("path");
    expect(remedyOf("http.413")).toContain("limit");
    expect(remedyOf("http.503")).toContain("runs");
    for (const status of [100, 400, 418, 499, 500, 599, 600, 999]) expect(remedyOf(`http.${status}`)).toMatch(/\.$/);
  });

  it("of a destination that is not allowed is the same for both classes, and names no address", () => {
    expect(helpFor("blocked.address")).toEqual(helpFor("blocked.url"));
    expect(JSON.stringify(helpFor("blocked.address"))).not.toMatch(/\d/);
  });
});

describe("the rows of statuses", () => {
  it("are looked up by an example that is one of them, and what follows is the same for all", () => {
    for (const row of FAILED_STATUSES) {
      const status = Number(row.example.slice("http.".length));
      expect(FAILED_STATUSES.find((it) => it.matches(status))).toBe(row);
      expect(consequenceOf(row.example, { profile: "standard", clientErrors: "retry" })).toBe("retry");
    }
  });
});
