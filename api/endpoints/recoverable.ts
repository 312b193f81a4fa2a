import type { ApiServices } from "../deps.js";

/** Deliveries of an endpoint that do not go on by themselves; each is counted up to a million. */
export interface Recoverable {
  held: number;
  failed: number;
}

/** @throws `store_unavailable` */
export async function countRecoverable({ stores }: ApiServices, endpointId: string): Promise<Recoverable> {
  const count = (status: "held" | "failed") => stores.deliveries.countOfEndpoint(endpointId, [status]);
  const [held, failed] = await Promise.all([count("held"), count("failed")]);
  return { held, failed };
}
