/** The payload of every scenario: JSON of 900 bytes, as a small record of health data has it. */
import type { Payload } from "../adapters/adapter.js";

const PAYLOAD_BYTES = 900;
const SEQUENCE_DIGITS = 10;

/** Ten digits between the two parts make it 900 bytes. */
export const PAYLOAD: Payload = payloadOf(PAYLOAD_BYTES);

function payloadOf(bytes: number): Payload {
  const before = `{"user_id":"7f9c24e8-3b12-4c5a-9d1e-2f6a8b7c5d4e","provider":"garmin","kind":"running","record":"`;
  const head = `","calories_kcal":412.5,"distance_m":8046.72,"heart_rate_bpm":[118,131,142],"note":"`;
  const tail = `"}`;
  const filler = bytes - SEQUENCE_DIGITS - before.length - head.length - tail.length;
  return { before, after: `${head}${"steady pace along the river ".repeat(40).slice(0, filler)}${tail}` };
}
