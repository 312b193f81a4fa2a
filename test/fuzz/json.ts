/** JSON as text: only so can it say a name twice, `__proto__`, numbers beyond all bounds, and half a character. */
import fc from "fast-check";
import { hostileName, hostileText } from "./texts.js";

const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom("0", "-0", "1e400", "-1e400", "1e-400", "9007199254740993", "1".repeat(400), "0.1e2", "2e3"),
);

const leafText = fc.oneof(
  fc.constantFrom("null", "true", "false", '"\\ud800"', '"\\u0000"', "{}", "[]"),
  numberText,
  hostileText.map((it) => JSON.stringify(it)),
);

export function objectText(pairs: readonly (readonly [string, string])[]): string {
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** So many levels of one thing in another. */
const deepText = fc
  .tuple(fc.constantFrom(10, 62, 63, 64, 65, 66, 500, 5_000, 100_000), fc.boolean())
  .map(([levels, isList]) => {
    return isList ? "[".repeat(levels) + "]".repeat(levels) : `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  });

const wideText = fc.tuple(fc.constantFrom(51, 501, 5_000), leafText, fc.boolean()).map(([count, item, isList]) => {
  if (item.length > 200) return "[]";
  const items = Array.from({ length: count }, (_, index) => (isList ? item : `"k${index}":${item}`)).join(",");
  return isList ? `[${items}]` : `{${items}}`;
});

const treeText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leafText,
    fc.array(tie("value"), { maxLength: 4 }).map((it) => `[${it.join(",")}]`),
    fc.array(fc.tuple(hostileName, tie("value")), { maxLength: 4 }).map(objectText),
  ),
})).value;

/** `{"__proto__": {"polluted": true}}` and its relatives. */
const pollutingText = fc.constantFrom(
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"a":{"__proto__":{"polluted":true}},"a":1}',
  '[{"__proto__":{"polluted":true}}]',
);

/** Any JSON value. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: treeText },
  { weight: 3, arbitrary: leafText },
  { weight: 2, arbitrary: pollutingText },
  { weight: 1, arbitrary: deepText },
  { weight: 1, arbitrary: wideText },
);

/** Objects only, for where nothing else gets far. */
export const hostileObject: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.tuple(hostileName, treeText), { maxLength: 6 }).map(objectText) },
  { weight: 1, arbitrary: pollutingText },
);

/**
 * An object of these fields: in two of three cases sound, with all of `required` and some of the others; else with fields
 * that are missing, doubled, unknown or anything at all.
 */
export function objectOf(
  fields: Readonly<Record<string, fc.Arbitrary<string>>>,
  required: readonly string[] = Object.keys(fields),
): fc.Arbitrary<string> {
  const sound = Object.entries(fields).map(([name, value]) => {
    const pair = value.map((it) => [[name, it] as const]);
    const nothing = { weight: 2, arbitrary: fc.constant([]) };
    return required.includes(name) ? pair : fc.oneof(nothing, { weight: 1, arbitrary: pair });
  });
  const broken = Object.entries(fields).map(([name, value]) => {
    const pair = fc.oneof(value, value, value, hostileJson).map((it) => [[name, it] as const]);
    const nothing = { weight: 1, arbitrary: fc.constant([]) };
    const doubled = { weight: 1, arbitrary: fc.tuple(pair, pair).map((two) => two.flat()) };
    return fc.oneof({ weight: 10, arbitrary: pair }, nothing, doubled);
  });
  const unknown = fc.array(fc.tuple(hostileName, leafText), { maxLength: 1 });
  return fc.oneof(
    { weight: 2, arbitrary: fc.tuple(...sound).map((lists) => objectText(lists.flat())) },
    { weight: 1, arbitrary: fc.tuple(...broken, unknown).map((lists) => objectText(lists.flat())) },
  );
}

/** Bytes that were JSON: cut off, with bits turned over, or with bytes that no UTF-8 has. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc.tuple(text, fc.nat(), fc.constantFrom("cut", "flip", "put"), fc.nat(255)).map(([whole, at, how, byte]) => {
    const bytes = Buffer.from(whole);
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    if (how === "cut") return bytes.subarray(0, place);
    if (how === "put")
      return Buffer.concat([bytes.subarray(0, place), Buffer.from([0xff, byte]), bytes.subarray(place)]);
    bytes[place] = byte;
    return bytes;
  });
}
