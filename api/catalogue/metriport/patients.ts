/** Messages about what happens to a patient, and about what the networks know of one. */
import type { CatalogueEntry } from "../entry.js";
import { having, messageType, TEXT } from "./entry-of.js";
import { FILE_URL, PATIENT } from "./examples.js";

const NOTICE = having({ url: TEXT, patientId: TEXT, admitTimestamp: TEXT });
const notice = {
  url: `${FILE_URL}encounter.json`,
  ...PATIENT,
  admitTimestamp: "2026-03-14T08:05:00.000Z",
  whenSourceSent: "2026-03-14T08:06:12.000Z",
};

const SOURCES = { hie: "health information exchanges", pharmacy: "pharmacies", lab: "laboratories" };

function networkQuery(type: keyof typeof SOURCES): CatalogueEntry {
  return messageType(`network-query.${type}`, `A query about a patient at ${SOURCES[type]} has ended.`, {
    key: "payload",
    schema: having({
      patientId: TEXT,
      consolidatedDataUrl: TEXT,
      source: having({ type: { const: type }, status: { type: "string", enum: ["completed", "failed"] } }),
    }),
    example: {
      patientId: PATIENT.patientId,
      externalId: PATIENT.externalId,
      consolidatedDataUrl: `${FILE_URL}consolidated.json`,
      source: { type, status: "completed", completedAt: "2026-03-14T08:21:40.000Z" },
    },
  });
}

export const PATIENT_MESSAGES: readonly CatalogueEntry[] = [
  messageType("patient.admit", "A patient was admitted.", { key: "payload", schema: NOTICE, example: notice }),
  messageType("patient.transfer", "A patient was moved within a facility or to another one.", {
    key: "payload",
    schema: NOTICE,
    example: {
      ...notice,
      transfers: [
        {
          timestamp: "2026-03-14T11:30:00.000Z",
          sourceLocation: { name: "Emergency Department", type: "emergency" },
          destinationLocation: { name: "Ward 4 West", type: "inpatient" },
        },
      ],
    },
  }),
  messageType("patient.discharge", "A patient was discharged.", {
    key: "payload",
    schema: NOTICE,
    example: { ...notice, dischargeTimestamp: "2026-03-16T15:45:00.000Z" },
  }),
  networkQuery("hie"),
  networkQuery("pharmacy"),
  networkQuery("lab"),
];
