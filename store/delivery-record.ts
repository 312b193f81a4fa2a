/** Recording attempts: the one write that every delivery makes at least once, hence in groups and without reading. */
import type { AnyBulkWriteOperation } from "mongodb";
import { FINAL_STATUSES, isFinal } from "../core/delivery-state.js";
import type { Attempt, Delivery } from "../core/model.js";
import type { AttemptRecord } from "../core/store-ports.js";
import { ATTEMPT_BATCH, DELIVERY_BATCH } from "./batches.js";
import { attemptBytes, encodeAttempt } from "./attempt-document.js";
import type { StoredDocument } from "./decode.js";
import { DELIVERY_BYTES, encodeDelivery } from "./delivery-document.js";
import { storeUnavailable } from "./failures.js";
import { GroupCommit } from "./group-commit.js";
import type { Settled } from "./group-commit.js";
import { settledOf } from "./settled.js";
import type { Table, WriteOutcome } from "./table.js";

/**
 * Longer than for callers who wait: the request was made, and a record that is given up in a long queue is only put at its
 * end again.
 */
const RECORD_DEADLINE_MS = 15_000;

export interface Recorder {
  record(record: AttemptRecord): Promise<void>;
  drain(): Promise<void>;
}

/** Two lanes, so that one group's deliveries and the next group's attempts are written at the same time. */
export function createRecorder(tables: { attempts: Table; deliveries: Table }): Recorder {
  const attempts = new GroupCommit<Attempt, WriteOutcome>({
    ...ATTEMPT_BATCH,
    bytesOf: attemptBytes,
    write: async (items) => (await tables.attempts.insertAll(items.map(encodeAttempt))).map(settledOf),
  });
  const deliveries = new GroupCommit<Delivery, WriteOutcome>({
    ...DELIVERY_BATCH,
    bytesOf: () => DELIVERY_BYTES,
    write: (items) => writeDeliveries(tables.deliveries, items),
  });
  return {
    async record({ attempt, delivery }) {
      const deadline = performance.now() + RECORD_DEADLINE_MS;
      // An attempt that is there already was recorded before: its delivery may still be missing.
      await attempts.add(attempt, RECORD_DEADLINE_MS);
      const left = deadline - performance.now();
      if (left <= 0) throw storeUnavailable();
      await deliveries.add(delivery, left);
    },
    async drain() {
      await attempts.drain();
      await deliveries.drain();
    },
  };
}

/**
 * Most deliveries are written once, when their first attempt is over: these are inserts. Those with an owner, which are on
 * record already, and those that turn out to exist, are updates guarded by the number of attempts; an update that comes
 * too late changes nothing.
 */
async function writeDeliveries(table: Table, deliveries: readonly Delivery[]): Promise<Settled<WriteOutcome>[]> {
  const settled = new Map<Delivery, Settled<WriteOutcome>>();
  const fresh = deliveries.filter((it) => it.attemptCount === 1 && it.workflowId === null);
  const inserted = await table.insertAll(fresh.map(encodeDelivery));
  fresh.forEach((it, index) => {
    const outcome = inserted[index];
    if (outcome !== undefined && outcome.kind !== "refused") settled.set(it, settledOf(outcome));
  });

  const rest = deliveries.filter((it) => !settled.has(it));
  await note(table, settled, rest, advance);
  // A delivery that was cancelled while its attempt was on its way stays cancelled; the attempt counts all the same.
  await note(
    table,
    settled,
    rest.filter((it) => !isFinal(it.status) && wasRefused(settled.get(it))),
    countOnly,
  );
  return deliveries.map((it) => settled.get(it) ?? { ok: false, error: new Error(`no outcome for ${it.id}`) });
}

function wasRefused(settled: Settled<WriteOutcome> | undefined): boolean {
  return settled?.ok === true && settled.value.kind === "refused";
}

async function note(
  table: Table,
  settled: Map<Delivery, Settled<WriteOutcome>>,
  deliveries: readonly Delivery[],
  operation: (delivery: Delivery) => AnyBulkWriteOperation<StoredDocument>,
): Promise<void> {
  if (deliveries.length === 0) return;
  const outcomes = await table.writeAll(deliveries.map(operation));
  deliveries.forEach((it, index) => {
    const outcome = outcomes[index];
    if (outcome !== undefined && settled.get(it)?.ok !== false) settled.set(it, settledOf(outcome));
  });
}

/**
 * Writes the delivery where fewer attempts are recorded, or none at all. Where as many are recorded, the filter matches
 * nothing and the insert is refused by `_id`: the no-op that a repeat should be. Owner and creation stay: the process
 * with the head start may finish after a workflow has taken over.
 */
function advance(delivery: Delivery): AnyBulkWriteOperation<StoredDocument> {
  const { _id, createdAt, workflowId, ...fields } = encodeDelivery(delivery);
  return {
    updateOne: {
      filter: {
        _id,
        attemptCount: { $lt: delivery.attemptCount },
        ...(!isFinal(delivery.status) && { status: { $nin: FINAL_STATUSES } }),
      },
      update: { $set: fields, $setOnInsert: { createdAt, workflowId } },
      upsert: true,
    },
  };
}

/** What an attempt leaves behind on a delivery that has ended otherwise. */
function countOnly(delivery: Delivery): AnyBulkWriteOperation<StoredDocument> {
  const { attemptCount, scheduledAttemptCount, lastAttemptAt, lastOutcome, lastStatusCode, updatedAt } = delivery;
  return {
    updateOne: {
      filter: { _id: delivery.id, attemptCount: { $lt: attemptCount }, status: { $in: FINAL_STATUSES } },
      update: { $set: { attemptCount, scheduledAttemptCount, lastAttemptAt, lastOutcome, lastStatusCode, updatedAt } },
    },
  };
}
