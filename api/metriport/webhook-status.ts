/** How the webhook of a customer is doing, as Metriport's dashboards ask for it. */
import type { DeliveryStatus, Endpoint } from "../../core/model.js";
import type { ApiServices } from "../deps.js";
import { isCleared } from "./designated.js";

export interface WebhookStatus {
  /** What the last message or ping came to; it stops nothing. */
  webhookEnabled: boolean;
  webhookStatusDetail: string | null;
  /** On their way, waiting for a retry, or held. -1: could not be counted. */
  webhookRequestsProcessing: number;
  /** Given up. -1: could not be counted. */
  webhookRequestsFailed: number;
}

const PROCESSING: readonly DeliveryStatus[] = ["pending", "retrying", "held"];

export async function webhookStatus(services: ApiServices, endpoint: Endpoint | null): Promise<WebhookStatus> {
  const receiver = endpoint === null || isCleared(endpoint) ? null : endpoint.receiver;
  const [processing, failed] = await Promise.all([
    count(services, endpoint, PROCESSING),
    count(services, endpoint, ["failed"]),
  ]);
  return {
    webhookEnabled: receiver?.healthy ?? false,
    webhookStatusDetail: receiver?.detail ?? null,
    webhookRequestsProcessing: processing,
    webhookRequestsFailed: failed,
  };
}

async function count(
  { stores, log }: ApiServices,
  endpoint: Endpoint | null,
  statuses: readonly DeliveryStatus[],
): Promise<number> {
  if (endpoint === null) return 0;
  try {
    return await stores.deliveries.countOfEndpoint(endpoint.id, statuses);
  } catch (error) {
    log.error({ endpointId: endpoint.id }, "metriport.count_failed", error);
    return -1;
  }
}
