import { Binary } from "mongodb";
import { expect, test } from "vitest";
import { Fields, jsonOf, pairsOf } from "../../store/decode.js";

const fields = new Fields("things", {
  _id: "t1",
  text: "x",
  number: 1,
  pairs: [["a", 1]],
  json: "[]",
  list: ["a", 2],
  secret: 5,
  nothing: null,
});

test("a field that is not what it should be names document and field, never the value", () => {
  expect(() => fields.number("text")).toThrow("stored document things/t1: text is not a number");
  expect(() => fields.text("missing")).toThrow("missing is not a text");
  expect(() => fields.secret("secret")).toThrow("secret is not a text");
  expect(() => fields.time("text")).toThrow("not a time");
  expect(() => fields.flag("number")).toThrow("not true or false");
  expect(() => fields.bytes("text")).toThrow("not bytes");
  expect(() => fields.texts("list")).toThrow("not a list of texts");
  expect(() => fields.numbers("list")).toThrow("not a list of numbers");
  expect(() => fields.texts("text")).toThrow("not a list");
  expect(() => fields.oneOf("text", ["a", "b"])).toThrow("not one of a, b");
  expect(() => fields.record("pairs")).toThrow("not a list of pairs of texts");
  expect(() => fields.jsonOrNull("json")).toThrow("not a JSON object");
  expect(() => fields.inner("text")).toThrow("not a document");
});

test("absent and null are both null where null is allowed", () => {
  expect(fields.textOrNull("nothing")).toBeNull();
  expect(fields.timeOrNull("missing")).toBeNull();
  expect(fields.numberOrNull("missing")).toBeNull();
  expect(fields.textsOrNull("nothing")).toBeNull();
  expect(fields.jsonOrNull("missing")).toBeNull();
});

test("records and JSON objects keep every key", () => {
  const record = { "a.b": "1", $c: "2", ["__proto__"]: "3", "": "4" };
  const schema = { $ref: "#/x", "a.b": { $defs: [1] } };
  const stored = new Fields("things", { _id: "t2", record: pairsOf(record), json: jsonOf(schema), none: jsonOf(null) });
  expect(Object.entries(stored.record("record"))).toEqual(Object.entries(record));
  expect(stored.jsonOrNull("json")).toEqual(schema);
  expect(stored.jsonOrNull("none")).toBeNull();
});

test("bytes are those that were written, without what the buffer has beyond them", () => {
  const binary = new Binary(new Uint8Array([1, 2, 3, 4]));
  binary.position = 2;
  expect([...new Fields("things", { _id: "t3", bytes: binary }).bytes("bytes")]).toEqual([1, 2]);
});
