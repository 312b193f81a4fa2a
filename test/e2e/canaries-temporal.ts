/** Everything that Temporal knows about the workflows of an installation, as texts. */
import { Client, Connection } from "@temporalio/client";
import type { Installation } from "../support/posthorn.js";
import type { Haystack } from "./canaries-finder.js";

const PAGE = 200;

/** Calls `work` with a client of the installation's namespace. */
export async function withTemporal<Result>(
  { env }: Installation,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS ?? "" });
  try {
    return await work(new Client({ connection, namespace: env.TEMPORAL_NAMESPACE ?? "" }));
  } finally {
    await connection.close();
  }
}

/** Histories, descriptions (memo, search attributes, summaries) and schedules, one haystack each. */
export async function everythingInTemporal(client: Client): Promise<Haystack[]> {
  const service = client.workflowService;
  const namespace = client.options.namespace;
  const haystacks: Haystack[] = [];
  const add = (place: string, value: unknown) => haystacks.push({ place, text: textsIn(value).join("\n") });
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await service.listWorkflowExecutions({
      namespace,
      pageSize: PAGE,
      ...(nextPageToken && { nextPageToken }),
    });
    for (const listed of page.executions) {
      const { execution } = listed;
      if (!execution) throw new Error("a workflow has an execution");
      const place = `workflow ${execution.workflowId ?? ""}`;
      add(`${place}: list`, listed);
      add(`${place}: description`, await service.describeWorkflowExecution({ namespace, execution }));
      add(`${place}: history`, await eventsOf(client, execution));
    }
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  for (const { scheduleId } of (await service.listSchedules({ namespace, maximumPageSize: PAGE })).schedules) {
    add(`schedule ${scheduleId ?? ""}`, await service.describeSchedule({ namespace, scheduleId: scheduleId ?? "" }));
  }
  return haystacks;
}

async function eventsOf(
  client: Client,
  execution: { workflowId?: string | null; runId?: string | null },
): Promise<unknown[]> {
  const events: unknown[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution,
      ...(nextPageToken && { nextPageToken }),
    });
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return events;
}

/** All texts in a message, names of fields and bytes of payloads included. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString("utf8"), Buffer.from(value).toString("latin1")];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}
