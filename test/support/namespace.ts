import { randomUUID } from "node:crypto";
import { Connection } from "@temporalio/client";
import { inject } from "vitest";
import type {} from "./provided-context.js";
import { until } from "./until.js";

/** A namespace of its own for a test file: task queues and schedules of two files never meet. */
export async function newNamespace(): Promise<{ address: string; namespace: string }> {
  const address = process.env.TEMPORAL_ADDRESS ?? inject("temporalAddress");
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never }, // the generated type wants a Long; numbers are encoded the same
    });
    await until("the namespace is known everywhere", async () => {
      await connection.workflowService.listOpenWorkflowExecutions({ namespace, maximumPageSize: 1 });
      return true;
    });
  } finally {
    await connection.close();
  }
  return { address, namespace };
}
