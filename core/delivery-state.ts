/** The states of a delivery and what may happen in each. */
import type { Delivery, DeliveryStatus } from "./model.js";

const FINAL: ReadonlySet<DeliveryStatus> = new Set(["delivered", "failed", "cancelled"]);
export const FINAL_STATUSES: readonly DeliveryStatus[] = [...FINAL];
export const OPEN_STATUSES: readonly DeliveryStatus[] = ["pending", "retrying", "held"];

/** Final for the schedule; a resend may still turn it into `delivered`, and a retry of its endpoint opens what failed. */
export function isFinal(status: DeliveryStatus): boolean {
  return FINAL.has(status);
}

/** Workflows own deliveries that wait or run; a held one has nobody until its endpoint is active again. */
export function needsOwner(status: DeliveryStatus): boolean {
  return status === "pending" || status === "retrying";
}

/** How the record of an attempt moves a delivery on. */
export interface AttemptEffect {
  status: DeliveryStatus;
  nextAttemptAt: Date | null;
  reason: string | null;
}

/** A manual attempt on a final delivery adds a success or nothing: never a new schedule. */
export function manualEffect(delivery: Delivery, delivered: boolean): AttemptEffect {
  if (delivered) return { status: "delivered", nextAttemptAt: null, reason: null };
  return { status: delivery.status, nextAttemptAt: delivery.nextAttemptAt, reason: delivery.reason };
}
