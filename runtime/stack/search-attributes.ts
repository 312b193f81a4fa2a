import { Connection } from "@temporalio/client";
import type { ConnectionOptions } from "@temporalio/client";
import type { Report } from "./report.js";
import { reasonOf, StackError } from "./stack-error.js";

/** A custom search attribute that the workflows write. */
export interface SearchAttribute {
  name: string;
  type: SearchAttributeType;
}

type SearchAttributeType = keyof typeof TYPE_NUMBERS;

/** Numbers of temporal.api.enums.v1.IndexedValueType. */
const TYPE_NUMBERS = { Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7 } as const;

/** Where the server is and what must exist there. */
export interface TemporalTarget {
  address: string;
  namespace: string;
  searchAttributes: readonly SearchAttribute[];
  /** TLS and API key, for servers that were not started here. */
  connection?: Pick<ConnectionOptions, "tls" | "apiKey"> | undefined;
}

const CALL_TIMEOUT_MS = 3000;
/** How long a new attribute may take to become visible to the parts of a cluster. */
const VISIBLE_TIMEOUT_MS = 60_000;

/** Undefined if the server answers and has the namespace, else what it said. */
export async function whyNotReady(target: TemporalTarget): Promise<string | undefined> {
  const outcome = await withConnection(target, () => Promise.resolve());
  return "refused" in outcome ? outcome.refused : undefined;
}

/**
 * Registers the search attributes that are missing and resolves once the server knows them all. A server that does not let
 * us look at them (hosted ones do not) is taken at its word, with a line.
 *
 * @throws StackError that says which attribute to create, if we may look but not create.
 */
export async function ensureSearchAttributes(target: TemporalTarget, report: Report): Promise<void> {
  const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
  while ((await missing(target, report)).length > 0) {
    if (Date.now() > deadline) throw new StackError(`search attributes did not become visible on ${target.address}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function missing(target: TemporalTarget, report: Report): Promise<SearchAttribute[]> {
  const { namespace, searchAttributes } = target;
  const outcome = await withConnection(target, async (connection) => {
    let known: Record<string, unknown>;
    try {
      known = (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes;
    } catch (error) {
      report(`Temporal does not show its search attributes (${reasonOf(error)}): assuming that they exist`);
      return [];
    }
    const absent = searchAttributes.filter(({ name }) => known[name] === undefined);
    if (absent.length > 0) await add(connection, namespace, absent);
    return absent;
  });
  return "refused" in outcome ? [...searchAttributes] : outcome.result;
}

async function add(connection: Connection, namespace: string, absent: readonly SearchAttribute[]): Promise<void> {
  const types = Object.fromEntries(absent.map(({ name, type }) => [name, TYPE_NUMBERS[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: types });
  } catch (error) {
    const flags = absent.map(({ name, type }) => `--name ${name} --type ${type}`).join(" ");
    throw new StackError(
      `Temporal does not let us register search attributes (${reasonOf(error)}); somebody who may has to run: ` +
        `temporal operator search-attribute create --namespace ${namespace} ${flags}`,
    );
  }
}

type Outcome<T> = { result: T } | { refused: string };

/** `refused` when the server cannot be reached (yet) or does not have the namespace (yet). */
async function withConnection<T>(
  target: TemporalTarget,
  use: (connection: Connection) => Promise<T>,
): Promise<Outcome<T>> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({
      address: target.address,
      connectTimeout: CALL_TIMEOUT_MS,
      ...(target.connection?.tls === undefined ? {} : { tls: target.connection.tls }),
      ...(target.connection?.apiKey === undefined ? {} : { apiKey: target.connection.apiKey }),
    });
    const opened = connection;
    return await opened.withDeadline(Date.now() + CALL_TIMEOUT_MS, async () => {
      await opened.workflowService.describeNamespace({ namespace: target.namespace });
      return { result: await use(opened) };
    });
  } catch (error) {
    if (error instanceof StackError) throw error;
    return { refused: reasonOf(error) };
  } finally {
    await connection?.close();
  }
}
