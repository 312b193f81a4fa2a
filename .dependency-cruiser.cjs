/** Imports point one way: see docs/architecture.md, "Layout". */
const only = (folder, allowed, why) => ({
  name: `${folder}-imports`,
  comment: why,
  severity: "error",
  from: { path: `^${folder}/` },
  to: {
    path: "^(api|core|store|egress|workflows|activities|client|dashboard|runtime|test|bench)/",
    pathNot: `^(${[folder, ...allowed].join("|")})/`,
  },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    only("core", [], "core is the meaning of the words: it imports nothing of ours"),
    only("store", ["core"], "store remembers: it knows core only"),
    only("egress", ["core"], "egress speaks HTTP: it knows core only"),
    only("activities", ["core"], "activities get ports, never a store or a socket of their own"),
    only("api", ["core"], "api gets ports"),
    only(
      "bench",
      ["core", "client", "runtime"],
      "the benchmark starts servers and processes; it looks into none of them",
    ),
    {
      name: "workflows-values",
      comment: "workflows run in a sandbox: core values and activity types only",
      severity: "error",
      from: { path: "^workflows/" },
      to: { path: "^(api|store|egress|client|runtime|test)/" },
    },
    {
      name: "workflows-activities-types-only",
      severity: "error",
      from: { path: "^workflows/" },
      to: { path: "^activities/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "workflows-no-libraries",
      comment: "a library in the bundle is re-evaluated for every workflow (zod: 8 ms becomes 32 ms)",
      severity: "error",
      from: { path: "^workflows/" },
      to: { dependencyTypes: ["npm", "core"], pathNot: "@temporalio/workflow" },
    },
    {
      name: "core-no-libraries",
      comment: "core is pure and is bundled into workflows",
      severity: "error",
      from: { path: "^core/" },
      to: { dependencyTypes: ["npm", "npm-dev", "core"] },
    },
    {
      name: "client-types-only",
      comment: "the published client may know the API's types, never its code",
      severity: "error",
      from: { path: "^client/" },
      to: { path: "^(api|core|store|egress|workflows|activities|runtime)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "mongodb-in-store-only",
      severity: "error",
      from: { pathNot: "^(store|test)/" },
      to: { path: "node_modules/mongodb/", dependencyTypesNot: ["type-only"] },
    },
    { name: "not-to-bench", severity: "error", from: { pathNot: "^(bench|test/bench)/" }, to: { path: "^bench/" } },
    { name: "not-to-test", severity: "error", from: { pathNot: "^test/" }, to: { path: "^test/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".json"],
    },
  },
};
