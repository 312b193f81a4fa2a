/** The four documented forms of a refusal, by where it was asked; none of them tells of the inside. */
import { expect } from "vitest";
import { z } from "zod";
import { ERRORS } from "../../core/errors.js";
import type { ErrorCode } from "../../core/errors.js";

const TEXT_CHARS_MAX = 128 * 1024;
const INSIDE =
  /\n\s+at |node_modules|node:internal|TypeError|RangeError|ZodError|Cannot read|is not a function|\.[jt]s:\d+/;

const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]); // `Object.keys` forgets the names
const issues = z.array(z.strictObject({ path: z.string(), message: z.string() }));

const rest = z.strictObject({ code, message: z.string().min(1), issues, requestId: z.string().min(8) });
const trpc = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    code: z.int().negative(),
    data: z.strictObject({ code, httpStatus: z.int(), issues, requestId: z.string().min(8) }),
  }),
});
const trpcAnswer = z.union([trpc, z.array(z.union([trpc, z.strictObject({ result: z.unknown() })])).min(1)]);
const openWearables = z.strictObject({ detail: z.string().min(1) });
const metriport = z.strictObject({
  status: z.int(),
  title: z.string().min(1),
  detail: z.string(),
  name: z.string().min(1),
  reason: z.string().optional(),
});

interface Asked {
  method: string;
  path: string;
}

export function expectErrorShape(asked: Asked, { status, text }: { status: number; text: string }): void {
  expect(text).not.toMatch(INSIDE);
  expect(text.length).toBeLessThan(TEXT_CHARS_MAX);
  const body: unknown = JSON.parse(text);
  const shape = shapeOf(asked);
  expect(shape.safeParse(body).error?.message).toBeUndefined();
  if (shape === rest) expect(status).toBe(ERRORS[rest.parse(body).code].http);
  if (shape === metriport) expect(metriport.parse(body).status).toBe(status);
}

function shapeOf({ method, path }: Asked): z.ZodType {
  // Refused before anybody looked where it goes.
  if (method === "TRACE" || /^\/trpc[/\\]{2}/i.test(path)) return rest;
  if (path.length > 4_000) return z.union([rest, trpcAnswer, openWearables, metriport]);
  const [, first = ""] = /^\/([^/?]*)/.exec(path) ?? [];
  if (first === "trpc") return trpcAnswer;
  if (first === "settings") return metriport;
  return /^\/api\/v1(?:[/?]|$)/.test(path) ? openWearables : rest;
}
