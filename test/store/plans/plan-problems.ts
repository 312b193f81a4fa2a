/** What the answer of MongoDB's `explain` says against a query. */
import type { Document } from "mongodb";

/** Parts of plans that read everything there is. A sort that merges scans of an index (`SORT_MERGE`) is none. */
const PROBLEMS: Readonly<Record<string, string>> = {
  COLLSCAN: "reads the whole collection",
  SORT: "sorts in memory",
};

/** Fields that tell what is asked for; the others are about the session and the wire. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  find: ["find", "filter", "sort", "projection", "limit", "skip"],
  aggregate: ["aggregate", "pipeline", "cursor"],
  update: ["update"],
  delete: ["delete"],
  findAndModify: ["findAndModify", "query", "sort", "update", "new"],
};

/** The commands to explain, each with one statement, as `explain` wants it; none for a command that asks for nothing. */
export function explainable(name: string, command: Document): Document[] {
  const fields = ASKED[name];
  if (fields === undefined) return [];
  const asked = Object.fromEntries(fields.flatMap((it) => (it in command ? [[it, command[it] as unknown]] : [])));
  const statements = (command.updates ?? command.deletes) as Document[] | undefined;
  if (statements === undefined) return [asked];
  return statements.map((it) => ({ ...asked, [`${name}s`]: [it] }));
}

/** Empty: nothing. */
export function problemsIn(explained: unknown): string[] {
  return plansIn(explained)
    .flatMap(stagesIn)
    .flatMap((it) => PROBLEMS[it] ?? []);
}

/** An aggregation has them deeper, and newer servers inside of `queryPlan`. */
function plansIn(value: unknown): unknown[] {
  return children(value).flatMap(([name, child]) => (name === "winningPlan" ? [child] : plansIn(child)));
}

function stagesIn(plan: unknown): string[] {
  return children(plan).flatMap(([name, child]) =>
    name === "stage" && typeof child === "string" ? [child] : stagesIn(child),
  );
}

function children(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
