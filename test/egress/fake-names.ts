import type { AddressGuardOptions } from "../../egress/address-guard.js";
import { createAddressGuard } from "../../egress/address-guard.js";
import type { NameQueries, NameResolver } from "../../egress/resolver.js";
import { createResolver } from "../../egress/resolver.js";

/** An answer: addresses, or the code of an error of `node:dns`, or `"never"`. */
type FakeAnswer = readonly string[] | string;

export interface FakeNames {
  resolver: NameResolver;
  /** Questions asked so far, as `A name`, `AAAA name` or `lookup name`. */
  questions: string[];
  /** Moves the clock of the cache. */
  passMs(ms: number): void;
}

export interface FakeZone {
  v4?: FakeAnswer | (() => FakeAnswer);
  v6?: FakeAnswer | (() => FakeAnswer);
  lookup?: FakeAnswer;
}

/** So many public IPv4 addresses, all different. */
export function publicAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `93.184.${Math.floor(at / 250)}.${at % 250}`);
}

async function give(answer: FakeAnswer | (() => FakeAnswer) | undefined): Promise<string[]> {
  const now = typeof answer === "function" ? answer() : (answer ?? []);
  await Promise.resolve();
  if (now === "never") return new Promise(() => {});
  if (typeof now === "string") throw Object.assign(new Error(`query ${now}`), { code: now });
  return [...now];
}

/** A resolver whose name servers say the same about every name. */
export function fakeNames(zone: FakeZone, options: AddressGuardOptions = {}): FakeNames {
  const questions: string[] = [];
  let nowMs = 0;
  const asked = (question: string, answer: FakeAnswer | (() => FakeAnswer) | undefined) => {
    questions.push(question);
    return give(answer);
  };
  const queries: NameQueries = {
    resolve4: (name) => asked(`A ${name}`, zone.v4),
    resolve6: (name) => asked(`AAAA ${name}`, zone.v6),
    lookup: (name) => asked(`lookup ${name}`, zone.lookup),
  };
  const resolver = createResolver({ guard: createAddressGuard(options), queries, now: () => nowMs });
  return {
    resolver,
    questions,
    passMs: (ms) => {
      nowMs += ms;
    },
  };
}
