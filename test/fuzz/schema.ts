/** Inputs made from nothing but what the OpenAPI document says of them, and from what it forbids. */
import fc from "fast-check";
import { z } from "zod";
import { hostileJson, objectOf } from "./json.js";
import { hostileText, place } from "./texts.js";

const LEVELS_MAX = 6;

/** Fields whose form the document does not tell, or that must name something to get far. */
const KNOWN: Readonly<Record<string, fc.Arbitrary<string>>> = {
  application: fc.constantFrom("@application@", "default"),
  cursor: fc.constant("@cursor@"),
  endpoint: fc.constantFrom("@endpoint@", "hook"),
  endpointId: fc.constant("@endpoint@"),
  event: fc.constantFrom("@event@", "first"),
  key: fc.constant("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
  series_type: fc.constantFrom("heart_rate", "steps"),
  type: fc.constantFrom("medical.consolidated-data", "order.paid"),
  secret: fc.constant("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
  url: fc.constantFrom("https://receiver.example.com/", "http://other.example.com:8080/hook?a=b"),
};

/** What stands in the path behind each folder. */
const SUBJECTS: Readonly<Record<string, string>> = {
  applications: "@application@",
  endpoints: "@endpoint@",
  "event-types": "order.paid",
  events: "@event@",
  deliveries: "@delivery@",
  attempts: "@attempt@",
  keys: "@key@",
};

interface Schema {
  type?: string | undefined;
  $ref?: string | undefined;
  enum?: unknown[] | undefined;
  format?: string | undefined;
  pattern?: string | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  anyOf?: Schema[] | undefined;
  items?: Schema | undefined;
  properties?: Record<string, Schema> | undefined;
  required?: string[] | undefined;
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    // A list: what is not known may be null.
    type: z.union([z.string(), z.array(z.string()).transform(([first]) => first)]).optional(),
    $ref: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    anyOf: z.array(schema).optional(),
    items: schema.optional(),
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).optional(),
  }),
);

const operation = z.object({
  operationId: z.string(),
  parameters: z
    .array(z.object({ in: z.string(), name: z.string(), required: z.boolean().optional(), schema }))
    .default([]),
  requestBody: z.object({ content: z.object({ "application/json": z.object({ schema }) }) }).optional(),
});

const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), schema) }),
});

/** One route as the document describes it. */
export interface Operation {
  /** Such as `endpoints.create`. */
  name: string;
  method: string;
  /** Such as `/v1/endpoints/{id}`. */
  path: string;
  /** What its path names. */
  subject: string;
  queryNames: string[];
  /** JSON texts. */
  body: fc.Arbitrary<string>;
  /** Everything in one object, as tRPC takes it. */
  input: fc.Arbitrary<string>;
}

export function operationsOf(openapi: unknown): Operation[] {
  const { paths, components } = document.parse(openapi);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters, requestBody }]) => {
      const body = requestBody?.content["application/json"].schema ?? { type: "object", properties: {} };
      const given = parameters.map((it) => [it.name, it.in === "path" ? mostly(subjectOf(path)) : it.schema] as const);
      const needed = parameters.filter((it) => it.required === true).map((it) => it.name);
      const all = {
        ...body,
        properties: { ...body.properties, ...Object.fromEntries(given) },
        required: [...(body.required ?? []), ...needed],
      };
      return {
        name: operationId.replace("-", "."),
        method: method.toUpperCase(),
        path,
        subject: subjectOf(path),
        queryNames: parameters.filter((it) => it.in === "query").map((it) => it.name),
        body: fc.oneof(
          { weight: 8, arbitrary: textOf(body, components.schemas) },
          { weight: 1, arbitrary: hostileJson },
        ),
        input: textOf(all, components.schemas),
      };
    }),
  );
}

function subjectOf(path: string): string {
  const [, folder = ""] = /^\/v1\/([a-z-]+)/.exec(path) ?? [];
  return SUBJECTS[folder] ?? "hook";
}

function mostly(text: string): Schema {
  return { anyOf: [{ enum: [text] }, { enum: [text] }, { type: "string" }] };
}

function textOf(of: Schema, schemas: Record<string, Schema>, level = 0): fc.Arbitrary<string> {
  if (level > LEVELS_MAX) return fc.constant("null");
  const inner = (it: Schema) => textOf(it, schemas, level + 1);
  if (of.$ref !== undefined) {
    const named = schemas[of.$ref.slice(of.$ref.lastIndexOf("/") + 1)];
    return named === undefined ? hostileJson : inner(named);
  }
  if (of.enum !== undefined) return fc.constantFrom(...of.enum.map((it) => JSON.stringify(it)));
  if (of.anyOf !== undefined) return fc.oneof(...of.anyOf.map(inner));
  switch (of.type) {
    case "null":
      return fc.constant("null");
    case "boolean":
      return fc.boolean().map(String);
    case "integer":
    case "number":
      return numberText(of);
    case "string":
      return stringOf(of).map((it) => JSON.stringify(it));
    case "array":
      return fc
        .array(of.items === undefined ? hostileJson : inner(of.items), { maxLength: 3 })
        .map((it) => `[${it.join(",")}]`);
    case "object":
      return of.properties === undefined
        ? fc.constantFrom("{}", '{"a":"b"}', '{"nested":{"list":[1,{"deep":null}]}}')
        : objectOf(fieldsOf(of.properties, inner), of.required ?? []);
    case undefined:
    default:
      return hostileJson;
  }
}

function fieldsOf(properties: Record<string, Schema>, inner: (it: Schema) => fc.Arbitrary<string>) {
  const fields = Object.entries(properties).map(([name, it]) => {
    const known = KNOWN[name];
    if (known === undefined || it.type !== "string" || it.enum !== undefined) return [name, inner(it)] as const;
    return [
      name,
      fc.oneof(
        { weight: 5, arbitrary: known.map((text) => JSON.stringify(text)) },
        { weight: 1, arbitrary: inner(it) },
      ),
    ] as const;
  });
  return Object.fromEntries(fields);
}

function numberText({ type, minimum, maximum }: Schema): fc.Arbitrary<string> {
  const from = minimum ?? -1e6;
  const to = maximum ?? from + 1e7;
  const whole = fc
    .integer({ min: Math.ceil(Math.max(from, -(2 ** 31))), max: Math.ceil(Math.min(to, 2 ** 31 - 1)) })
    .map(String);
  const bound = fc.constantFrom(String(from), String(to), String(to + 1), String(from - 1));
  const parts: fc.Arbitrary<string>[] = [whole, whole, whole, bound];
  return fc.oneof(...(type === "number" ? [...parts, fc.constant(String((from + to) / 2))] : parts));
}

function stringOf({ format, pattern }: Schema): fc.Arbitrary<string> {
  return fc.oneof({ weight: 10, arbitrary: fittingOf(format, pattern) }, { weight: 1, arbitrary: hostileText });
}

function fittingOf(format: string | undefined, pattern: string | undefined): fc.Arbitrary<string> {
  if (format === "date-time") return fc.constantFrom("2026-11-22T15:00:00Z", "2026-11-22T16:00:00.123+01:00");
  if (format === "date") return fc.constantFrom("2026-11-22", "2024-02-29");
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(fc.stringMatching(/^[a-z]{1,8}(?:\.[a-z]{1,8})?$/), fc.webUrl(), place);
}
