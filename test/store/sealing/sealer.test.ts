import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogFields } from "../../../core/log-fields.js";
import { Secret } from "../../../core/secret.js";
import { RecentMap } from "../../../store/sealing/recent-map.js";
import { Sealer } from "../../../store/sealing/sealer.js";
import { keyEntry, ringOf } from "../../support/key-ring.js";

const ring = ringOf(keyEntry("one"), keyEntry("two"));
const PLACE = { applicationId: "app_1", endpointId: "ep_1", kind: "secret", identity: "1700000000000" } as const;
const anyText = fc.string({ unit: "binary", maxLength: 300 });
const sealer = () => new Sealer({ ring });

interface Place {
  applicationId: string;
  endpointId: string;
  kind: "secret" | "header";
  identity: string;
}

function seal(place: Place, text: string, by = sealer()): string {
  return by.of(place).seal(place.kind, place.identity, new Secret(text));
}

function open(place: Place, text: string, by = sealer()): Secret {
  return by.of(place).open(place.kind, place.identity, text);
}

function reading(text: string, place: Place = PLACE): () => string {
  return () => open(place, text).reveal();
}

test("any text opens as it was sealed, and the sealed text says nothing but its length", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const sealed = seal(PLACE, text);
      expect(sealed).toMatch(/^v1\.one\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,}$/);
      expect(reading(sealed)()).toBe(text);
      expect(seal(PLACE, text)).not.toBe(sealed);
    }),
  );
});

test("a changed character, anywhere, does not open", () => {
  fc.assert(
    fc.property(anyText, fc.nat(), fc.constantFrom("A", "a", "0", "-", "_", ".", "v"), (text, position, character) => {
      const sealed = seal(PLACE, text);
      const at = position % sealed.length;
      const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
      fc.pre(changed !== sealed);
      expect(reading(changed)).toThrow();
    }),
    { numRuns: 500 },
  );
});

test("a flipped bit of the iv, the ciphertext or the tag does not open", () => {
  const sealed = seal(PLACE, "whsec_secret");
  const [version, kid, ...parts] = sealed.split(".");
  for (const [index, part] of parts.entries()) {
    const bytes = Buffer.from(part, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const changed = parts.with(index, flipped.toString("base64url"));
      expect(reading([version, kid, ...changed].join("."))).toThrow();
    }
  }
});

test("a tag that was cut does not open, however little is left of it", () => {
  for (const text of ["", "whsec_secret"]) {
    const sealed = seal(PLACE, text);
    const head = sealed.slice(0, sealed.lastIndexOf(".") + 1);
    const bytes = Buffer.from(sealed.slice(head.length), "base64url");
    for (let length = 0; length < bytes.length; length += 1) {
      expect(reading(head + bytes.subarray(0, length).toString("base64url"))).toThrow();
    }
  }
});

test.each<Partial<Place>>([
  { applicationId: "app_2" },
  { endpointId: "ep_2" },
  { kind: "header" },
  { identity: "1700000000001" },
  { applicationId: "app_1|ep_1", endpointId: "secret" },
])("a value that was moved to %o does not open", (elsewhere) => {
  const sealed = seal(PLACE, "whsec_secret");
  expect(reading(sealed, { ...PLACE, ...elsewhere })).toThrow(/does not open with the key one/);
});

test("another key of the same name does not open, and an unknown one is named", () => {
  const sealed = seal(PLACE, "whsec_secret");
  const other = new Sealer({ ring: ringOf(keyEntry("one", "something else")) });
  expect(() => open(PLACE, sealed, other).reveal()).toThrow(/endpoints\/ep_1: secret 1700000000000 does not open/);
  const without = new Sealer({ ring: ringOf(keyEntry("two")) });
  expect(() => open(PLACE, sealed, without).reveal()).toThrow(
    /sealed with the key one, which POSTHORN_ENCRYPTION_KEYS/,
  );
});

test("what does not open is logged once, harms nobody until it is read, and is written back as it was", () => {
  const lines: { fields: LogFields; message: string }[] = [];
  const ignore = (): void => undefined;
  const error = (fields: LogFields, message: string): void => void lines.push({ fields, message });
  const without = new Sealer({
    ring: ringOf(keyEntry("two")),
    log: { info: ignore, warn: ignore, debug: ignore, error },
  });
  const sealed = seal(PLACE, "whsec_secret");
  const lost = open(PLACE, sealed, without);
  expect(open(PLACE, sealed, without)).toBe(lost);
  expect(lines).toEqual([
    {
      fields: {
        applicationId: "app_1",
        endpointId: "ep_1",
        field: "secret 1700000000000",
        kid: "one",
        problem: "is sealed with the key one, which POSTHORN_ENCRYPTION_KEYS does not have",
      },
      message: "secret.unreadable",
    },
  ]);
  expect(`${JSON.stringify(lost)} ${String(lost)}`).toBe('"[redacted]" [redacted]');
  expect(lost.equals(new Secret(""))).toBe(false);
  expect(() => lost.reveal()).toThrow(expect.objectContaining({ name: "PosthornError", code: "internal" }));
  expect(without.of(PLACE).seal(PLACE.kind, PLACE.identity, lost)).toBe(sealed);
  const elsewhere = without.of({ ...PLACE, endpointId: "ep_2" });
  expect(() => elsewhere.seal(PLACE.kind, PLACE.identity, lost)).toThrow();
});

test("an unchanged text at the same place is the same object, and opens anew elsewhere", () => {
  const one = sealer();
  const sealed = seal(PLACE, "whsec_secret", one);
  const opened = open(PLACE, sealed, one);
  const elsewhere = [
    { applicationId: "app_2" },
    { endpointId: "ep_2" },
    { kind: "header" as const },
    { identity: "1700000000001" },
  ];
  for (const change of elsewhere) {
    expect(() => open({ ...PLACE, ...change }, sealed, one).reveal()).toThrow();
    expect(open(PLACE, sealed, one).reveal()).toBe("whsec_secret");
  }
  expect(open(PLACE, sealed, sealer())).not.toBe(opened);
  for (let more = 0; more < 50; more += 1) open(PLACE, seal(PLACE, String(more), one), one);
  expect(open({ ...PLACE }, Buffer.from(sealed).toString(), one)).toBe(open(PLACE, sealed, one));
});

test("a store without keys seals nothing", () => {
  expect(() => seal(PLACE, "whsec_secret", new Sealer({ ring: null }))).toThrow(/without encryption keys/);
});

test("a recent map keeps what is asked for and never grows beyond its bound", () => {
  const map = new RecentMap<number>(10);
  for (let index = 0; index < 1_000; index += 1) {
    map.set(`key ${index}`, index);
    expect(map.get("key 0")).toBe(0);
    expect(map.size).toBeLessThanOrEqual(20);
  }
  expect(map.get("key 1")).toBeUndefined();
  expect(map.get("key 999")).toBe(999);
});
