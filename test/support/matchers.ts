/** Vitest's matchers for parts of a value, typed so that they may stand anywhere in an expectation. */
import { expect } from "vitest";

export const aText: unknown = expect.any(String);
export const aList: unknown = expect.any(Array);

export function textLike(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
