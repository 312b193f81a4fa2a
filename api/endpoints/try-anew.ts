import { forgiven } from "../../core/endpoint-health.js";
import type { Endpoint } from "../../core/model.js";
import type { ApiServices } from "../deps.js";

/** A process that notes an attempt may write in between. */
const TRIES = 3;

/** Closes the circuit breaker of an endpoint: a person asks for its deliveries now. */
export async function tryAnew({ stores, directory }: ApiServices, endpoint: Endpoint): Promise<void> {
  let now: Endpoint | null = endpoint;
  for (let tries = 0; tries < TRIES && now !== null && now.health.breaker !== null; tries += 1) {
    if (await stores.endpoints.putHealth(now, forgiven(now.health), null)) break;
    now = await stores.endpoints.findById(endpoint.id);
  }
  directory.invalidate(endpoint.applicationId);
}
