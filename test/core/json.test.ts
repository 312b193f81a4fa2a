import { describe, expect, it } from "vitest";
import { jsonObjectIn, jsonProblem, parseJson } from "../../core/json.js";

const lists = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const objects = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
const problemOf = (text: string) => jsonProblem(parseJson(Buffer.from(text)));

describe("the problem of a JSON value", () => {
  it.each([
    ["64 lists in each other", lists(64)],
    ["64 objects in each other", objects(64)],
    ["a key that only looks bad", '{"constructor":{"prototype":{}},"proto":1}'],
    ["a text that says __proto__", '["__proto__"]'],
    ["the largest number", "1.7976931348623157e308"],
    ["a text", '"a"'],
    ["null", "null"],
  ])("is none for %s", (_what, text) => {
    expect(problemOf(text)).toBeNull();
  });

  it.each([
    ["65 lists in each other", lists(65), [], "must not be nested deeper than 64 levels"],
    ["65 objects in each other", objects(65), [], "must not be nested deeper than 64 levels"],
    ["more levels than the stack has room for", objects(100_000), [], "must not be nested deeper than 64 levels"],
    ["__proto__", '{"a":[0,{"__proto__":1}]}', ["a", 1, "__proto__"], "the key __proto__ is not allowed"],
    ["__proto__ in other letters", '{"\\u005f_proto__":1}', ["__proto__"], "the key __proto__ is not allowed"],
    ["a number beyond all numbers", '{"a":[-1e400]}', ["a", 0], "is larger than numbers can be"],
    ["nothing but such a number", "1e400", [], "is larger than numbers can be"],
  ])("is named for %s, with its place", (_what, text, path, message) => {
    expect(problemOf(text)).toEqual({ path, message });
  });
});

describe("the JSON object in bytes", () => {
  it("is the one that they say", () => {
    expect(jsonObjectIn(Buffer.from('{"a":["ä"]}'))).toEqual({ a: ["ä"] });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["half a text", Buffer.from('{"a":')],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["a list", Buffer.from("[{}]")],
    ["null", Buffer.from("null")],
    ["an object that is too deep to be written", Buffer.from(objects(100_000))],
    ["an object with the key __proto__", Buffer.from('{"__proto__":{}}')],
  ])("is none in %s", (_what, bytes) => {
    expect(jsonObjectIn(bytes)).toBeNull();
  });
});
