/** A stand-in for Temporal and the workflows: dispatches at once, attempts without HTTP, obeys commands. */
import { isFinal, manualEffect, OPEN_STATUSES } from "../../../core/delivery-state.js";
import { PosthornError } from "../../../core/errors.js";
import { matchEndpoint } from "../../../core/filter.js";
import { deliveryIdOf } from "../../../core/ids.js";
import type { Attempt, Delivery, Endpoint, WebhookEvent } from "../../../core/model.js";
import type { OutcomeClass } from "../../../core/outcome.js";
import type { Dispatcher, Engine } from "../../../core/ports.js";
import type { MemoryState } from "./memory-state.js";

type Operation = Parameters<Engine["startOperation"]>[0];

export class MemoryEngine implements Engine, Dispatcher {
  /** Set: every command rejects with `engine_unavailable`, nothing is dispatched. */
  isDown = false;
  /** Set: commands are accepted and nothing comes of them, as while an attempt hangs. */
  isBusy = false;
  /** How much later than its attempt a delivery is written. */
  deliveryDelayMs = 0;
  /** What the next attempts come to. */
  outcome: OutcomeClass = "ok";
  /** Runs before a command is obeyed: for what happens meanwhile. */
  meanwhile: () => void = () => undefined;
  readonly operations: Operation[] = [];
  readonly dispatched: string[] = [];
  readonly commands: string[] = [];

  constructor(private readonly state: MemoryState) {}

  dispatch(event: { id: string; deliverAt: Date | null }): void {
    this.dispatched.push(event.id);
    if (this.isDown || event.deliverAt !== null) return;
    setImmediate(() => {
      this.deliver(event.id);
    });
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }

  async resend(delivery: Delivery, commandId: string): Promise<void> {
    await this.accept(`resend ${delivery.id}`);
    if (this.isBusy) return;
    setTimeout(() => {
      const row = this.state.deliveries.get(delivery.id);
      if (row !== undefined) this.attempt(row, commandId);
    }, 5);
  }

  async cancelDelivery(delivery: Delivery): Promise<void> {
    await this.accept(`cancel ${delivery.id}`);
    this.meanwhile();
    if (this.isBusy) return;
    setTimeout(() => {
      this.settle(delivery.id);
    }, 5);
  }

  async cancelScheduled(eventId: string): Promise<void> {
    await this.accept(`cancelScheduled ${eventId}`);
    if (this.isBusy) return;
    setTimeout(() => {
      const event = this.state.events.get(eventId);
      if (event?.state === "scheduled") this.state.events.set(eventId, { ...event, state: "cancelled" });
    }, 5);
  }

  async startOperation(operation: Operation): Promise<void> {
    await this.accept(`${operation.kind} ${operation.endpointId}`);
    this.operations.push(operation);
    const rows = [...this.state.deliveries.values()].filter((it) => it.endpointId === operation.endpointId);
    const isActive = this.state.endpoints.get(operation.endpointId)?.status === "active";
    if (operation.kind === "retry" && isActive) this.retry(rows);
    for (const row of rows) {
      if (operation.kind === "cancel" && OPEN_STATUSES.includes(row.status)) this.settle(row.id, operation.reason);
      if (operation.kind === "cancel-held" && row.status === "held") this.settle(row.id, operation.reason);
      if (operation.kind === "release" && row.status === "held") this.attempt({ ...row, status: "pending" }, null);
    }
  }

  workflowUrl(delivery: Pick<Delivery, "workflowId" | "eventId">): string | null {
    return `http://temporal.test/${delivery.workflowId ?? delivery.eventId}`;
  }

  isRunning(): Promise<boolean> {
    return Promise.resolve(false);
  }

  ping(): Promise<void> {
    return this.accept("ping");
  }

  /** What `deliverEvents` does, in one step. */
  deliver(eventId: string): void {
    const event = this.state.events.get(eventId);
    if (event?.state !== "accepted" && event?.state !== "scheduled") return;
    this.state.events.set(eventId, { ...event, state: "dispatched" });
    for (const endpoint of this.state.endpoints.values()) {
      if (endpoint.applicationId !== event.applicationId || !matchEndpoint(endpoint, event).matched) continue;
      const delivery = this.newDelivery(event, endpoint);
      this.state.deliveries.set(delivery.id, delivery);
      if (delivery.status === "pending") this.attempt(delivery, null);
    }
  }

  private async accept(command: string): Promise<void> {
    await Promise.resolve();
    if (this.isDown) throw new PosthornError("engine_unavailable");
    this.commands.push(command);
  }

  /** Oldest first; what had failed fails again unless it is delivered, what waited goes on with its schedule. */
  private retry(rows: readonly Delivery[]): void {
    const retried = rows.filter((it) => it.status === "failed" || it.status === "retrying");
    const nextAttemptAt = this.state.now();
    for (const row of retried) {
      this.state.deliveries.set(row.id, { ...row, status: "retrying", reason: null, nextAttemptAt });
    }
    if (!this.isBusy) retried.sort((a, b) => (a.id < b.id ? -1 : 1)).forEach((it) => this.attempt(it, null));
  }

  private settle(id: string, reason = "cancelled by a request"): void {
    const row = this.state.deliveries.get(id);
    if (row === undefined || isFinal(row.status)) return;
    this.state.deliveries.set(id, { ...row, status: "cancelled", reason, nextAttemptAt: null });
  }

  /** Attempts are written before their deliveries, as the store does: a reader may come in between. */
  private write(attempt: Attempt, delivery: Delivery): void {
    this.state.attempts.set(attempt.id, attempt);
    if (this.deliveryDelayMs === 0) this.state.deliveries.set(delivery.id, delivery);
    else setTimeout(() => this.state.deliveries.set(delivery.id, delivery), this.deliveryDelayMs);
  }

  private attempt(delivery: Delivery, commandId: string | null): void {
    const { state, outcome } = this;
    const endpoint = state.endpoints.get(delivery.endpointId);
    if (endpoint === undefined) return;
    const delivered = outcome === "ok";
    const at = state.now();
    const statusCode = delivered ? 200 : outcome.startsWith("http.") ? Number(outcome.slice(5)) : null;
    const retry = { status: "retrying" as const, nextAttemptAt: new Date(at.getTime() + 5_000), reason: null };
    const isLast = commandId !== null || delivery.status === "failed";
    const effect = delivered || isLast ? manualEffect(delivery, delivered) : retry;
    const attempt: Attempt = {
      id: state.ids.next("attempt"),
      applicationId: delivery.applicationId,
      deliveryId: delivery.id,
      eventId: delivery.eventId,
      endpointId: delivery.endpointId,
      eventType: delivery.eventType,
      number: delivery.attemptCount + 1,
      trigger: commandId !== null ? "manual" : delivery.test ? "test" : "scheduled",
      url: endpoint.url,
      startedAt: at,
      durationMs: 3,
      statusCode,
      outcome,
      error: delivered ? null : "the receiver did not take it",
      remedy: delivered ? null : "Let it take it.",
      responseBody: delivered ? "thanks" : null,
      responseTruncated: false,
      commandId,
    };
    this.write(attempt, {
      ...delivery,
      ...effect,
      attemptCount: attempt.number,
      lastAttemptAt: at,
      lastOutcome: outcome,
      lastStatusCode: statusCode,
      updatedAt: at,
    });
  }

  private newDelivery(event: WebhookEvent, endpoint: Endpoint): Delivery {
    const at = this.state.now();
    const held = endpoint.status !== "active";
    return {
      id: deliveryIdOf(event.id, endpoint.id),
      applicationId: event.applicationId,
      eventId: event.id,
      endpointId: endpoint.id,
      eventType: event.eventType,
      status: held ? "held" : "pending",
      attemptCount: 0,
      scheduledAttemptCount: 0,
      nextAttemptAt: null,
      lastAttemptAt: null,
      lastOutcome: null,
      lastStatusCode: null,
      workflowId: `event/${event.id}`,
      reason: held ? `the endpoint is ${endpoint.status}` : null,
      test: event.test,
      createdAt: event.createdAt,
      updatedAt: at,
    };
  }
}
