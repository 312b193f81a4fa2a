/** The simplest load: one customer with one endpoint. */
import type { Target, Tenant } from "../adapters/adapter.js";
import type { Findings } from "../report/findings.js";
import { drive } from "./drive.js";
import type { Drive, DriveOptions, Pace } from "./drive.js";
import { PAYLOAD } from "./payload.js";
import type { Bench } from "./scenario.js";

const TOPIC = "workout.created";

export interface OneEndpoint {
  tenant: Tenant;
  endpointId: string;
  path: string;
  prefix: string;
}

export interface EndpointOptions {
  retrySeconds?: readonly number[];
}

export async function oneEndpoint(bench: Bench, target: Target, options: EndpointOptions = {}): Promise<OneEndpoint> {
  const prefix = bench.receiver.newPrefix();
  const path = `${prefix}0`;
  const tenant = await target.createTenant();
  const url = bench.receiver.urlOf(path);
  const endpointId = await tenant.createEndpoint({ url, topic: null, retrySeconds: options.retrySeconds ?? null });
  return { tenant, endpointId, path, prefix };
}

export type OneDrive = Pick<DriveOptions, "drainMs" | "settle" | "afterLoad"> & {
  pace: Pace;
  /** @default 1 */
  eventsPerRequest?: number;
};

/** Publishes to an endpoint that nothing was published to before. */
export function driveOne(bench: Bench, target: Target, one: OneEndpoint, options: OneDrive): Promise<Drive> {
  const { eventsPerRequest = 1, ...rest } = options;
  const plan = one.tenant.plan(TOPIC, PAYLOAD, eventsPerRequest);
  return drive(bench, target, { ...rest, prefix: one.prefix, lanes: [{ plan, paths: [one.path], mustArrive: true }] });
}

/** The same with a new customer, who is gone afterwards; what came is forgotten. */
export async function driveOnce(bench: Bench, target: Target, options: OneDrive): Promise<Drive> {
  const one = await oneEndpoint(bench, target);
  const driven = await driveOne(bench, target, one, options);
  await bench.receiver.forget(one.prefix);
  await one.tenant.delete();
  return driven;
}

/** The same, and noted. */
export async function driveNew(
  bench: Bench,
  target: Target,
  findings: Findings,
  options: OneDrive & { label?: string },
): Promise<Drive> {
  const { label, ...how } = options;
  const driven = await driveOnce(bench, target, how);
  findings.addDrive(driven, label);
  return driven;
}
