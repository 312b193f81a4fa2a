/** `/openapi.json`, made from the procedures. */
import { generateOpenApiDocument } from "trpc-to-openapi";
import { z } from "zod";
import { ERRORS } from "../core/errors.js";
import type { ErrorCode } from "../core/errors.js";
import { appRouter, procedures } from "./caller.js";
import type { ProcedureMeta } from "./procedure-meta.js";
import { SAMPLE, sampleInput } from "./schemas/health/timeseries.js";
import { PUBLISH_ITEM, publishItem } from "./schemas/publish.js";

export type OpenApiDocument = ReturnType<typeof generateOpenApiDocument>;

const errorBody = z
  .object({
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string().describe("For people."),
    issues: z.array(
      z.object({ path: z.string().describe("Such as `events[3].url`; empty: the whole input."), message: z.string() }),
    ),
    requestId: z.string().describe("Also in the header `x-request-id` and in the log."),
  })
  .meta({ id: "Error" });

const ERROR_RESPONSE = {
  description: "What went wrong. The `code` is stable; docs/errors.md explains each.",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

/** An OpenAPI 3.1 document of all REST routes. */
export function openApiDocument(options: { version: string; publicUrl: string }): OpenApiDocument {
  const document = generateOpenApiDocument(appRouter, {
    title: "Posthorn",
    description:
      "Self-hosted, durable webhook delivery: publish once, signed, retried for days, every attempt on record.",
    version: options.version,
    baseUrl: options.publicUrl,
    securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "An API key, `phk_…`." } },
    defs: { Error: errorBody, [PUBLISH_ITEM]: publishItem, [SAMPLE]: sampleInput },
  });
  for (const { meta } of procedures()) correctResponses(document, meta.openapi.path, meta);
  return document;
}

/** The generator knows 200 and its own error shape only. */
function correctResponses(
  document: OpenApiDocument,
  path: string,
  meta: Pick<ProcedureMeta, "scope" | "openapi" | "status">,
): void {
  const operations: object = document.paths?.[path] ?? {};
  const operation: unknown = Reflect.get(operations, meta.openapi.method.toLowerCase());
  if (typeof operation !== "object" || operation === null || !("responses" in operation)) {
    throw new Error(`${meta.openapi.method} ${path} is missing in the OpenAPI document`);
  }
  const generated: unknown = operation.responses;
  const success: unknown =
    meta.status === 204 || typeof generated !== "object" || generated === null
      ? { description: "Done; no body." }
      : Reflect.get(generated, "200");
  if (meta.scope !== "any") Reflect.set(operation, "security", [{ bearer: [meta.scope] }]);
  operation.responses = { [String(meta.status)]: success, default: ERROR_RESPONSE };
}
