/** How workflows call activities: bounds and retries in one place. */
import { proxyActivities, proxyLocalActivities } from "@temporalio/workflow";
import type { Activities } from "../activities/create-activities.js";

/** Store down: tried again for as long as it takes; nothing accepted is given up. */
const patiently = { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "30s" } as const;

/** Short steps that run within the workflow task. */
export const local = proxyLocalActivities<
  Pick<Activities, "dispatchEvents" | "adoptDeliveries" | "cancelDeliveries" | "isRetryUnderway">
>({
  startToCloseTimeout: "60s",
  retry: patiently,
  localRetryThreshold: "10s",
});

/** Requests to receivers: 32 of at most 30 s, behind others of the same endpoint. */
export const remote = proxyActivities<
  Pick<Activities, "attemptDeliveries" | "cancelScheduled" | "operationPage" | "sweepOnce">
>({
  startToCloseTimeout: "5m",
  heartbeatTimeout: "20s",
  retry: patiently,
});
