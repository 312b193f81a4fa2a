import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newKeyEntry, parseKeyRing } from "../../../store/sealing/key-ring.js";
import { keyEntry } from "../../support/key-ring.js";

const zeros = Buffer.alloc(32).toString("base64");
const A_KEY = Buffer.alloc(32, "a").toString("base64");

test("the first key seals and all of them open", () => {
  const read = parseKeyRing(` ${keyEntry("new")} , ${keyEntry("old")} `);
  if (!read.ok) throw new Error(read.problems.join());
  expect(read.ring.activeKid).toBe("new");
  expect(read.ring.kids).toEqual(["new", "old"]);
  expect(read.ring.keyOf("old")?.export().toString()).toBe("old".repeat(11).slice(0, 32));
  expect(read.ring.keyOf("other")).toBeUndefined();
});

test.each([
  { what: "no kid", text: A_KEY, problem: "entry 1 is not of the form kid:base64" },
  { what: "nothing", text: "", problem: "entry 1 is not of the form kid:base64" },
  { what: "a comma too many", text: `${keyEntry("a")},`, problem: "entry 2 is not of the form kid:base64" },
  { what: "an empty kid", text: `:${A_KEY}`, problem: "entry 1: the kid must be" },
  { what: "a kid with capitals", text: `Key:${A_KEY}`, problem: "entry 1: the kid must be" },
  { what: "a kid of 17 characters", text: `${"k".repeat(17)}:${A_KEY}`, problem: "entry 1: the kid must be" },
  { what: "key and kid the wrong way round", text: `${A_KEY}:main`, problem: "entry 1: the kid must be" },
  { what: "a short key", text: `a:${A_KEY.slice(0, 40)}`, problem: "entry 1 (a): the key has 30 bytes, not 32" },
  { what: "a long key", text: `a:${randomBytes(33).toString("base64")}`, problem: "entry 1 (a): the key has 33 bytes" },
  { what: "no key", text: "a:", problem: "entry 1 (a): the key has 0 bytes, not 32" },
  { what: "hex", text: `a:${Buffer.alloc(32, "a").toString("hex")}`, problem: "entry 1 (a): the key has 48 bytes" },
  { what: "base64url", text: `a:${"-_".repeat(21)}-=`, problem: "entry 1 (a): the key is not base64" },
  { what: "bits to spare", text: `a:${A_KEY.slice(0, 42)}F=`, problem: "entry 1 (a): the key is not base64" },
  { what: "zeros", text: `a:${zeros}`, problem: "entry 1 (a): the key is all zeros" },
  { what: "the same kid twice", text: `${keyEntry("a")},${keyEntry("a", "b")}`, problem: "have the same kid (a)" },
  { what: "the same key twice", text: `a:${A_KEY},b:${A_KEY}`, problem: "entries 1 and 2 have the same key" },
  {
    what: "17 keys",
    text: Array.from({ length: 17 }, (_, index) => keyEntry(`k${index}`, `seed-${index}`)).join(","),
    problem: "has 17 keys, 16 at most",
  },
])("a ring with $what is refused, and no key is repeated", ({ text, problem }) => {
  const read = parseKeyRing(text);
  if (read.ok) throw new Error("accepted");
  expect(read.problems).toHaveLength(1);
  expect(read.problems[0]).toContain(problem);
  expect(read.problems[0]).not.toMatch(/[A-Za-z0-9+/_-]{20,}/);
});

test("all problems of a ring are named together", () => {
  const read = parseKeyRing(`a:short,B:${A_KEY},c:${zeros},${keyEntry("d")},${keyEntry("d", "e")}`);
  expect(read).toMatchObject({ ok: false });
  expect(read.ok ? [] : read.problems).toHaveLength(4);
});

test("a new entry is a ring, and no two are the same", () => {
  const entries = Array.from({ length: 50 }, () => newKeyEntry(randomBytes, new Date("2026-01-31T12:00:00Z")));
  for (const entry of entries) {
    expect(entry).toMatch(/^20260131-[0-9a-f]{4}:/);
    expect(parseKeyRing(entry)).toMatchObject({ ok: true });
  }
  expect(new Set(entries.map((it) => it.split(":")[1])).size).toBe(50);
});
