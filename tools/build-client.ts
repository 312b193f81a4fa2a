/**
 * Builds `client/dist`: two modules without dependencies (the parts of tRPC's client that are used are inside), and
 * their declarations, which need nothing but the language's own library and `fetch`.
 *
 * Usage: node --import tsx tools/build-client.ts
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { rolldown } from "rolldown";
import type { InputOptions } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import ts from "typescript";
import { spellOutProcedures } from "./client-types.js";

const root = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const client = path.join(root, "client");
const entries = ["index", "verify"];

/** Writes the package's files to `outDir`, which is emptied before. */
export async function buildClient(outDir: string = path.join(client, "dist")): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  await bundle(
    { input: inputs(client, "ts"), platform: "node", external: [/^node:/], treeshake: { moduleSideEffects: false } },
    outDir,
  );
  const declarations = mkdtempSync(path.join(tmpdir(), "posthorn-client-"));
  try {
    await emitDeclarations(declarations);
    await bundle(
      { input: inputs(declarations, "d.ts"), plugins: [dts({ dtsInput: true, emitDtsOnly: true, tsconfig: false })] },
      outDir,
    );
    for (const entry of entries) await tidy(path.join(outDir, `${entry}.d.ts`));
  } finally {
    rmSync(declarations, { recursive: true, force: true });
  }
  writeFileSync(path.join(outDir, "THIRD-PARTY-LICENSES.txt"), thirdPartyLicences());
}

function inputs(folder: string, extension: string): Record<string, string> {
  return Object.fromEntries(entries.map((entry) => [entry, path.join(folder, `${entry}.${extension}`)]));
}

async function bundle(options: InputOptions, outDir: string): Promise<void> {
  const build = await rolldown({ ...options, cwd: root });
  try {
    await build.write({ dir: outDir, format: "esm", chunkFileNames: "[name].js" });
  } finally {
    await build.close();
  }
}

/** Puts comments back before what they are about: editors show no others. */
async function tidy(file: string): Promise<void> {
  const text = readFileSync(file, "utf8")
    .replaceAll(/; (?=\/\*\*)/g, ";\n")
    .replaceAll(/\*\/(?=[|\w"])/g, "*/\n");
  writeFileSync(file, await format(text, { parser: "typescript", printWidth: 120 }));
}

/** The client's own declarations, with the types that come from the router spelled out. */
async function emitDeclarations(folder: string): Promise<void> {
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(root, "tsconfig.json"),
    { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: folder },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
  );
  if (config === undefined) throw new Error("tsconfig.json cannot be read");
  const program = ts.createProgram(Object.values(inputs(client, "ts")), config.options);
  const own = program.getSourceFiles().filter((it) => path.dirname(it.fileName).startsWith(client));
  const problems = own.flatMap((it) => program.getSemanticDiagnostics(it));
  if (problems[0] !== undefined) fail(problems[0]);
  for (const source of own) {
    const target = path.join(folder, path.relative(client, source.fileName).replace(/\.ts$/, ".d.ts"));
    const text =
      path.basename(source.fileName) === "procedures.ts"
        ? await format(spellOutProcedures(program.getTypeChecker(), source), { parser: "typescript", printWidth: 120 })
        : declarationOf(program, source);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

function declarationOf(program: ts.Program, source: ts.SourceFile): string {
  let declaration: string | undefined;
  const result = program.emit(source, (_file, text) => (declaration = text), undefined, true);
  if (result.diagnostics[0] !== undefined) fail(result.diagnostics[0]);
  if (declaration === undefined) throw new Error(`no declaration of ${source.fileName}`);
  return declaration;
}

function fail(problem: ts.Diagnostic): never {
  const host = { getCanonicalFileName: (it: string) => it, getCurrentDirectory: () => root, getNewLine: () => "\n" };
  throw new Error(ts.formatDiagnostic(problem, host));
}

/** Licences of what is inside the bundle. */
function thirdPartyLicences(): string {
  const texts = ["@trpc/client", "@trpc/server"].map((name) => {
    const folder = path.join(root, "node_modules", name);
    return `${name}\n\n${readFileSync(path.join(folder, "LICENSE"), "utf8")}`;
  });
  return texts.join("\n---\n\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildClient();
