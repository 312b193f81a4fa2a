/**
 * Spells out the types of `client/procedures.ts`: what is inferred there from the router, with tRPC and zod, becomes a
 * declaration file that needs neither.
 */
import ts from "typescript";

/** The declaration file's text. @throws Error if the router has something that is no query and no mutation */
export function spellOutProcedures(checker: ts.TypeChecker, source: ts.SourceFile): string {
  const declared = new Map(source.statements.filter(ts.isTypeAliasDeclaration).map((it) => [it.name.text, it]));
  const typeOf = (name: string): ts.Type => {
    const alias = declared.get(name);
    if (alias === undefined) throw new Error(`${source.fileName} has no type ${name}`);
    return checker.getTypeAtLocation(alias);
  };
  const routers = checker.getPropertiesOfType(typeOf("PosthornClient")).map((router) => {
    const calls = checker.getPropertiesOfType(checker.getTypeOfSymbol(router)).map((it) => callOf(checker, it));
    return `readonly ${router.name}: {\n${calls.join("\n")}\n};`;
  });
  return [
    `import type { Mutation, Query } from "./calls.js";`,
    `/** Every procedure of the service. */`,
    `export interface PosthornClient {\n${routers.join("\n")}\n}`,
    `/** The codes of the service's errors. */`,
    `export type ErrorCode = ${print(checker, typeOf("ErrorCode"))};`,
    `/** Any JSON object. */`,
    `export type JsonObject = ${print(checker, typeOf("JsonObject"))};`,
  ].join("\n");
}

function callOf(checker: ts.TypeChecker, procedure: ts.Symbol): string {
  const type = checker.getTypeOfSymbol(procedure);
  const kind = type.symbol.name;
  const [input, output] = isReference(type) ? checker.getTypeArguments(type) : [];
  if ((kind !== "Query" && kind !== "Mutation") || input === undefined || output === undefined) {
    throw new Error(`${procedure.name} is neither a query nor a mutation`);
  }
  const text = ts.displayPartsToString(procedure.getDocumentationComment(checker));
  const comment = text === "" ? "" : `/** ${text} */\n`;
  return `${comment}readonly ${procedure.name}: ${kind}<${print(checker, input)}, ${print(checker, output)}>;`;
}

function isReference(type: ts.Type): type is ts.TypeReference {
  return "target" in type;
}

function print(checker: ts.TypeChecker, type: ts.Type): string {
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- flags are made to be combined
  const text = checker.typeToString(type, undefined, flags);
  // A name that is not printed in full would be looked for in vain in the package.
  if (/\bimport\(|\bany\b/.test(text)) throw new Error(`a type cannot be spelled out: ${text}`);
  return text;
}
