/** `/openapi.json` and `/docs`: the API's description, with everything served from here. */
import { createRequire } from "node:module";
import path from "node:path";
import { Router } from "express";
import { openApiDocument } from "../openapi-document.js";

const require = createRequire(import.meta.url);

const ASSETS = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

// No inline script: the content security policy refuses it.
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Posthorn API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="api"><noscript>The description is at <a href="/openapi.json">/openapi.json</a>.</noscript></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  // No validator: it would send the document to a stranger.
  validatorUrl: null,
});
`;

export function createDocsRouter(options: { version: string; publicUrl: string }): Router {
  const router = Router();
  const folder = path.dirname(require.resolve("swagger-ui-dist/package.json"));
  let document: string | null = null;

  router.get("/openapi.json", (_request, response) => {
    document ??= JSON.stringify(openApiDocument(options));
    response.type("application/json").send(document);
  });
  router.get("/docs", (_request, response) => {
    response.type("html").send(PAGE);
  });
  router.get("/docs/start.js", (_request, response) => {
    response.type("text/javascript").send(START);
  });
  for (const name of ASSETS) {
    router.get(`/docs/${name}`, (_request, response, next) => {
      response.sendFile(name, { root: folder, maxAge: "1h" }, (error: unknown) => {
        // An asset that a client stopped reading is nobody's error.
        if (error !== undefined && !response.headersSent) next(error);
      });
    });
  }
  return router;
}
