import { expect, test } from "vitest";
import { isPosthornError, PosthornError } from "../../core/errors.js";
import { packError, unpackError } from "../../runtime/temporal/carried-errors.js";

/** What comes out of the other thread for an error that was thrown in this one. */
function across(error: unknown): unknown {
  const message: unknown = unpackError(structuredClone(packError({ t: "s", i: "1", e: error })));
  return typeof message === "object" && message !== null && "e" in message ? message.e : null;
}

test("an expected error crosses between threads with its code, its words, its issues and its cause", () => {
  const cause = new TypeError("the connection was lost");
  const issues = [{ path: "url", message: "is wrong" }];
  const error = across(new PosthornError("store_unavailable", "not now", issues, { cause }));

  expect(isPosthornError(error)).toBe(true);
  expect(error).toMatchObject({ code: "store_unavailable", message: "not now", issues });
  expect(error instanceof Error && error.cause).toMatchObject({
    name: "TypeError",
    message: "the connection was lost",
  });
});

test("any other error crosses with its name, its words and the place where it was thrown", () => {
  const fault = new RangeError("out of bounds");
  expect(across(fault)).toMatchObject({ name: "RangeError", message: "out of bounds", stack: fault.stack });
  expect(isPosthornError(across(fault))).toBe(false);
  expect(across("a text")).toMatchObject({ name: "Error", message: "a text" });
});

test("a chain of causes without an end is cut", () => {
  const error = new PosthornError("internal");
  Object.assign(error, { cause: error });
  let depth = 0;
  for (let it = across(error); it instanceof Error; it = it.cause) depth += 1;
  expect(depth).toBeLessThan(10);
});

test("what is no error crosses as it is", () => {
  expect(unpackError(packError({ t: "s", r: [1, 2] }))).toEqual({ t: "s", r: [1, 2] });
});
