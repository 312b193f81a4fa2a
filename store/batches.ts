/** Bounds of the group commits. A write stays far below MongoDB's 48 MB message, a queue far below the process' memory. */
const MIB = 1024 * 1024;

export const EVENT_BATCH = {
  itemsMax: 1_000,
  bytesMax: 8 * MIB,
  queueItemsMax: 10_000,
  queueBytesMax: 64 * MIB,
} as const;

export const ATTEMPT_BATCH = {
  itemsMax: 1_000,
  bytesMax: 8 * MIB,
  queueItemsMax: 20_000,
  queueBytesMax: 64 * MIB,
} as const;

export const DELIVERY_BATCH = {
  itemsMax: 1_000,
  bytesMax: 8 * MIB,
  queueItemsMax: 20_000,
  queueBytesMax: 64 * MIB,
} as const;
