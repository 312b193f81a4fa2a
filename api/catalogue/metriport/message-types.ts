/** Every message type of Metriport but `ping`, which is never published. */
import type { CatalogueEntry } from "../entry.js";
import { DEVICE_MESSAGES } from "./devices.js";
import { MEDICAL_MESSAGES } from "./medical.js";
import { PATIENT_MESSAGES } from "./patients.js";

export const METRIPORT_MESSAGE_TYPES: readonly CatalogueEntry[] = [
  ...DEVICE_MESSAGES,
  ...MEDICAL_MESSAGES,
  ...PATIENT_MESSAGES,
];

const BY_NAME: ReadonlyMap<string, CatalogueEntry> = new Map(METRIPORT_MESSAGE_TYPES.map((it) => [it.name, it]));

/** `null`: Metriport has no such message type. */
export function metriportMessageType(name: string): CatalogueEntry | null {
  return BY_NAME.get(name) ?? null;
}
