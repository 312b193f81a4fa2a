import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { CATALOGUES } from "../../api/catalogue/catalogues.js";
import { CATALOGUE_NAMES } from "../../api/catalogue/names.js";
import { OPERATIONAL_EVENT_TYPES } from "../../api/catalogue/operator/event-types.js";
import { eventTypeCreateInput } from "../../api/schemas/event-type.js";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats.default(ajv);

const ALL = [...CATALOGUE_NAMES.flatMap((name) => CATALOGUES[name]), ...OPERATIONAL_EVENT_TYPES];

test("no two entries of the catalogues have the same name", () => {
  expect(new Set(ALL.map((it) => it.name)).size).toBe(ALL.length);
});

test("every entry is a valid event type as it stands, and is described in a sentence", () => {
  for (const { name, description, schema, example, group } of ALL) {
    expect(description).toMatch(/^[A-Z].*\.$/s);
    const input = eventTypeCreateInput.safeParse({ name, description, schema, example, group });
    expect([name, input.error?.issues]).toEqual([name, undefined]);
  }
});

test("the schema of every entry accepts its example and refuses an empty payload", () => {
  for (const { name, schema, example } of ALL) {
    const validate = ajv.compile(schema ?? true);
    validate(example);
    expect([name, validate.errors]).toEqual([name, null]);
    expect([name, validate({})]).toEqual([name, false]);
  }
});
