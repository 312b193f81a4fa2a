/** Values that the examples share: one person, one morning, one watch. */

export const USER_ID = "3f1b6a52-7c0e-4d8a-9a57-2b64c1d0e9f3";
export const ZONE_OFFSET = "+01:00";
export const WATCH = { provider: "garmin", device: "Forerunner 255" };

const MORNING_MS = Date.UTC(2026, 2, 14, 6, 30);

/** ISO 8601 with offset, so many minutes after (or before) half past six in the morning, UTC. */
export function at(minutes: number): string {
  return new Date(MORNING_MS + minutes * 60_000).toISOString().replace(".000Z", "+00:00");
}
