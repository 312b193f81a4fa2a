/** Messages about wearables and their data. */
import type { CatalogueEntry } from "../entry.js";
import { having, listOf, messageType, TEXT } from "./entry-of.js";

const USER_ID = "3f6f0d52-8d5c-4b8e-9a57-0a1f5c7d2e64";

const users = listOf(having({ userId: TEXT }));
const connections = listOf(having({ userId: TEXT, providers: listOf(TEXT), connectedProviders: listOf(TEXT) }));

/** One night and the day after it, as a watch and a scale tell it. */
const healthData = {
  userId: USER_ID,
  activity: [
    {
      metadata: { date: "2026-03-14", source: "garmin" },
      summary: {
        durations: { active_seconds: 5_460 },
        energy_expenditure: { active_kcal: 612, basal_metabolic_rate_kcal: 1_710 },
        movement: { steps_count: 11_284, distance_meters: 8_930 },
        biometrics: { heart_rate: { min_bpm: 49, max_bpm: 163, avg_bpm: 71, resting_bpm: 52 } },
      },
      activity_logs: [
        {
          metadata: { date: "2026-03-14", source: "garmin" },
          name: "Evening run",
          type: "running",
          start_time: "2026-03-14T17:31:00.000Z",
          end_time: "2026-03-14T18:19:00.000Z",
        },
      ],
    },
  ],
  sleep: [
    {
      metadata: { date: "2026-03-14", source: "garmin" },
      start_time: "2026-03-13T22:41:00.000Z",
      end_time: "2026-03-14T06:12:00.000Z",
      durations: {
        total_seconds: 27_060,
        awake_seconds: 1_320,
        deep_seconds: 5_940,
        rem_seconds: 6_180,
        light_seconds: 13_620,
      },
      biometrics: { heart_rate: { avg_bpm: 54 }, hrv: { rmssd: { avg_millis: 61 } } },
      wakeup_frequency: 2,
    },
  ],
  body: [{ metadata: { date: "2026-03-14", source: "withings" }, weight_kg: 72.4, body_fat_pct: 18.1 }],
  biometrics: [
    {
      metadata: { date: "2026-03-14", hour: "07:00", source: "withings" },
      blood_pressure: {
        systolic_mm_Hg: { samples: [{ time: "2026-03-14T07:02:00.000Z", value: 118 }] },
        diastolic_mm_Hg: { samples: [{ time: "2026-03-14T07:02:00.000Z", value: 76 }] },
      },
    },
  ],
  nutrition: [
    {
      metadata: { date: "2026-03-14", source: "cronometer" },
      summary: { macros: { carbs_g: 241, fat_g: 68, protein_g: 104 } },
      foods: [{ name: "Oatmeal", amount: 1, unit: "bowl" }],
    },
  ],
};

export const DEVICE_MESSAGES: readonly CatalogueEntry[] = [
  messageType("devices.health-data", "A provider sent data of users: activity, sleep, body, biometrics or nutrition.", {
    key: "users",
    schema: users,
    example: [healthData],
  }),
  messageType("devices.provider-connected", "A user connected a provider or a device.", {
    key: "users",
    schema: connections,
    example: [
      {
        userId: USER_ID,
        providers: ["tenovi"],
        connectedProviders: ["fitbit", "tenovi"],
        devices: ["TNV-BPM-004217"],
        connectedDevices: [{ tenovi: ["TNV-BPM-004217", "TNV-SCL-000981"] }],
      },
    ],
  }),
  messageType("devices.provider-disconnected", "A user disconnected a provider, or its token is no longer valid.", {
    key: "users",
    schema: connections,
    example: [{ userId: USER_ID, providers: ["fitbit"], connectedProviders: ["garmin"] }],
  }),
];
