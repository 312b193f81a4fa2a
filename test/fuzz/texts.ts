/** Texts that break things: as values, as names of fields, and as parts of paths and queries. */
import fc from "fast-check";

/** Stand for ids of things that exist, see `FuzzApi.fill`. */
export const PLACES = [
  "@application@",
  "@endpoint@",
  "@event@",
  "@delivery@",
  "@attempt@",
  "@key@",
  "@cursor@",
] as const;

const NAMES_OF_PROTOTYPES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "toJSON"];

const NASTY = [
  ...NAMES_OF_PROTOTYPES,
  "",
  " ",
  "\0",
  "\r\nx-injected: 1",
  "\u2028",
  "\ufeff",
  "\ud800",
  "\udfff\ud800",
  "e\u0301",
  "\u{1f4ef}",
  "\u202e",
  "%00",
  "%",
  "%zz",
  "%c3%28",
  "../../etc/passwd",
  "a.*",
  "*",
  ".",
  "..",
  "$where",
  "$gt",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "' or 1=1 --",
  "NaN",
  "Infinity",
  "-0",
  "1e400",
  "0x10",
  "null",
  "undefined",
  "true",
  "[object Object]",
  "msg_",
  "-msg_",
  "-",
  "default",
  "whsec_",
  "a".repeat(257),
  "x".repeat(5_000),
  "9".repeat(400),
];

/** Any UTF-16, halves of surrogate pairs included. */
const anyUnits = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((it) => String.fromCharCode(it)) });

/** A text in which something was left out, put in or doubled. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.nat(), fc.nat(8), fc.oneof(fc.string(), fc.constantFrom(...NASTY))).map((parts) => {
    const [whole, at, cut, put] = parts;
    const place = whole.length === 0 ? 0 : at % (whole.length + 1);
    return whole.slice(0, place) + put.slice(0, 300) + whole.slice(place + cut);
  });
}

export const place = fc.constantFrom(...PLACES);

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "binary" }),
  fc.string(),
  anyUnits,
  place,
  mutated(place),
);

export const hostileName = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...NAMES_OF_PROTOTYPES) },
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z]{1,6}$/) },
  { weight: 1, arbitrary: hostileText },
);

/** What stands behind a question mark: names with values, some doubled, and plain rubbish. */
export function hostileQuery(names: readonly string[]): fc.Arbitrary<string> {
  const name =
    names.length === 0 ? hostileName : fc.oneof(fc.constantFrom(...names), fc.constantFrom(...names), hostileName);
  const encoded = (text: string) => encodeURIComponent(Buffer.from(text, "utf8").toString("utf8"));
  const value = fc.oneof(hostileText, fc.constantFrom("1", "50", "newest", "true", "2026-11-22T15:00:00Z"));
  const pair = fc
    .tuple(name, value)
    .map(([left, right]) => `${encoded(left)}=${encoded(right).replaceAll("%40", "@")}`);
  const pairs = fc.array(pair, { maxLength: 4 }).map((it) => it.join("&"));
  const doubled = pair.map((it) => `${it}&${it}`);
  return fc.oneof(
    { weight: 6, arbitrary: pairs },
    { weight: 1, arbitrary: doubled },
    { weight: 1, arbitrary: hostileText },
  );
}
