/** Messages about medical records that were asked for. */
import type { CatalogueEntry } from "../entry.js";
import { having, listOf, messageType, TEXT } from "./entry-of.js";
import { FILE_URL, PATIENT } from "./examples.js";

const STATUS = { type: "string", enum: ["completed", "failed"] };
const patients = listOf(having({ patientId: TEXT, status: STATUS }));

const document = {
  id: "018e3a0d-90f1-7c2b-8e54-6d0c9b1f7a23",
  fileName: "2f1c9b_018e3a0d-90f1.xml",
  description: "Discharge summary",
  status: "current",
  indexed: "2026-03-12T09:15:27.000Z",
  mimeType: "application/xml",
  size: 48_213,
  type: {
    coding: [{ system: "http://loinc.org", code: "18842-5", display: "Discharge summary" }],
    text: "Discharge summary",
  },
};

const bundle = {
  resourceType: "Bundle",
  type: "collection",
  total: 1,
  entry: [
    {
      resource: {
        resourceType: "DocumentReference",
        id: "018e3a11-4bd7-70c8-a3f9-52e6d8b0c41e",
        status: "current",
        subject: { reference: `Patient/${PATIENT.patientId}` },
        content: [
          { attachment: { contentType: "application/json", url: `${FILE_URL}consolidated.json` } },
          { attachment: { contentType: "application/gzip", url: `${FILE_URL}consolidated.json.gz` } },
        ],
      },
    },
  ],
};

export const MEDICAL_MESSAGES: readonly CatalogueEntry[] = [
  messageType("medical.document-download", "The documents of a query have been downloaded, or could not be.", {
    key: "patients",
    schema: patients,
    example: [{ ...PATIENT, status: "completed", documents: [document] }],
  }),
  messageType("medical.document-conversion", "The downloaded C-CDA documents have been converted to FHIR.", {
    key: "patients",
    schema: patients,
    example: [{ ...PATIENT, status: "completed" }],
  }),
  messageType("medical.consolidated-data", "A patient's consolidated FHIR data is ready, as links that end soon.", {
    key: "patients",
    schema: patients,
    example: [
      {
        ...PATIENT,
        status: "completed",
        filters: { resources: "Condition,Observation", dateFrom: "2025-01-01", dateTo: "2026-03-14" },
        bundle,
      },
    ],
  }),
  messageType("medical.document-bulk-download-urls", "Links for downloading a patient's documents are ready.", {
    key: "patients",
    schema: patients,
    example: [
      { ...PATIENT, status: "completed", documents: [{ ...document, url: `${FILE_URL}${document.fileName}` }] },
    ],
  }),
  messageType("medical.bulk-patient-create", "An import of many patients goes on, has ended, or has failed.", {
    key: "bulkPatientCreate",
    schema: having({
      requestId: TEXT,
      status: { type: "string", enum: ["waiting", "processing", "completed", "failed"] },
    }),
    example: {
      requestId: "7d2e5f90-1b64-4c8a-93e7-c0f8a1d6b352",
      status: "completed",
      result: `${FILE_URL}bulk-patient-create.csv`,
    },
  }),
];
