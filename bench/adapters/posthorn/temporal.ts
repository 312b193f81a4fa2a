/** What Temporal knows of Posthorn's work. */
import { Connection } from "@temporalio/client";
import type { Cleanup } from "../../cleanup.js";
import { waitFor } from "../../wait.js";

const NAMESPACE = "default";

export interface Temporal {
  /** Workflows that a query finds. */
  count(query: string): Promise<number>;
  /** Whether every workflow for first attempts has ended, in time. */
  firstAttemptsOver(timeoutMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

export async function openTemporal(address: string, cleanup: Cleanup): Promise<Temporal> {
  const connection = await Connection.connect({ address });
  const count = async (query: string): Promise<number> => {
    const answer = await connection.workflowService.countWorkflowExecutions({ namespace: NAMESPACE, query });
    return Number(answer.count);
  };
  return {
    count,
    firstAttemptsOver: (timeoutMs) =>
      waitFor(async () => (await count("WorkflowType = 'deliverEvents' AND ExecutionStatus = 'Running'")) === 0, {
        timeoutMs,
        everyMs: 250,
      }),
    stop: cleanup.add("the connection to Temporal", () => connection.close()),
  };
}
