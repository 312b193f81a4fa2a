/** Writes the pages of docs/ that are made from code: `node --import tsx tools/generate-docs.ts`. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import { ERRORS } from "../core/errors.js";
import { configSchema } from "../runtime/config.js";
import { eventTypesPage } from "./event-types-page.js";
import { outcomesPage } from "./outcomes-page.js";

export interface GeneratedPage {
  /** Absolute. */
  file: string;
  text: string;
}

const ROOT = new URL("../", import.meta.url);

/** Every generated page, as it should be on disk. */
export async function generatedPages(): Promise<GeneratedPage[]> {
  return [
    await page("docs/errors.md", errorsPage()),
    await page("docs/configuration.md", configurationPage()),
    await page("docs/event-types.md", eventTypesPage()),
    await page("docs/outcomes.md", outcomesPage()),
  ];
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { http, cause, remedy }]) => `| \`${code}\` | ${String(http)} | ${cause} | ${remedy} |`,
  );
  return `# Errors

<!-- Made from core/errors.ts by tools/generate-docs.ts; changes here are lost. -->

Every REST answer that is not a success has this body, whatever went wrong:

\`\`\`json
{
  "code": "invalid_input",
  "message": "url: must be an http or https URL",
  "issues": [{ "path": "url", "message": "must be an http or https URL" }],
  "requestId": "req_0f3b6c1e9d8a4b7f8e6d5c4b3a291807"
}
\`\`\`

\`code\` is stable and meant for programs, \`message\` is for people and may change. \`issues\` names fields of the input; it is
empty where the input is not at fault. \`requestId\` is also in the header \`x-request-id\` and in the log. Over tRPC the same
fields are in \`error.message\` and \`error.data\`.

| code | HTTP | what happened | what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

const jsonSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.number()]).optional(),
  description: z.string(),
});

function configurationPage(): string {
  const rows = Object.entries(configSchema.shape).map(([name, field]) => {
    const described = jsonSchema.parse(
      z.toJSONSchema(field, { io: "input", unrepresentable: "any", override: (it) => delete it.jsonSchema.$schema }),
    );
    const kind = described.enum?.map((it) => `\`${it}\``).join(", ") ?? described.type ?? "text";
    // A default that depends on the machine is in the description.
    const isOwn = name === "POSTHORN_CACHE_DIR" || described.default === undefined || described.default === "";
    return `| \`${name}\` | ${kind} | ${isOwn ? "" : `\`${described.default}\``} | ${described.description} |`;
  });
  return `# Configuration

<!-- Made from runtime/config.ts by tools/generate-docs.ts; changes here are lost. -->

Every setting is an environment variable. They are read once, at the start; all problems are reported together, and a
misspelt \`POSTHORN_\` name is one of them. An empty value counts as not set.

| variable | form | default | meaning |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

async function page(path: string, text: string): Promise<GeneratedPage> {
  const file = fileURLToPath(new URL(path, ROOT));
  return { file, text: await format(text, { ...(await resolveConfig(file)), filepath: file }) };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { file, text } of await generatedPages()) {
    await writeFile(file, text);
    console.log(`written: ${file}`);
  }
}
