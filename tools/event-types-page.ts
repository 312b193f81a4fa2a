/** The text of docs/event-types.md, from the catalogues. */
import type { CatalogueEntry } from "../api/catalogue/entry.js";
import { METRIPORT_MESSAGE_TYPES } from "../api/catalogue/metriport/message-types.js";
import { OPERATIONAL_EVENT_TYPES } from "../api/catalogue/operator/event-types.js";
import { openWearablesEventType, OPEN_WEARABLES_EVENT_TYPES } from "../api/catalogue/open-wearables/event-types.js";
import { EVENTLESS_SERIES, granularEvent, SERIES_GROUPS } from "../api/catalogue/open-wearables/series.js";

export function eventTypesPage(): string {
  const records = OPEN_WEARABLES_EVENT_TYPES.filter((it) => it.group === null && it.childEvents === null);
  return `# Event types

<!-- Made from api/catalogue/ by tools/generate-docs.ts; changes here are lost. -->

Posthorn brings the event types of the systems that it can stand in for, each with a description, a JSON Schema (draft
2020-12) and an example, which is also what a test event of that type carries. \`posthorn dev\` loads them into the
application \`default\`; elsewhere a command does:

\`\`\`sh
posthorn catalog list
posthorn catalog load open-wearables --application acme
\`\`\`

Only missing types are created: what you changed or archived stays so, unless you say \`--replace\`. Schemas are for
readers; payloads are not checked against them, and types that are not listed are accepted all the same.

## Open Wearables

${OPEN_WEARABLES_EVENT_TYPES.length} types. Every payload is \`{"type": <name>, "data": {…}}\`. Times are ISO 8601 with offset. Ids
are UUIDs where Open Wearables sends them. What is unknown is \`null\`: the field is there all the same. Fields may be
added over time.

### Timeseries

Every batch of samples of one series is announced twice with the same data: by the event of its group and by its own,
\`series.<series>.created\`. Subscribe to one of the two. Units are those of \`samples[].unit\`.

| group event | series (unit) |
| --- | --- |
${SERIES_GROUPS.map(groupRow).join("\n")}

\`energy\` is the name of \`active_energy\` before release 0.8. These series are stored and have no event:
${[...EVENTLESS_SERIES].map(code).join(", ")}.

\`chunk_index\` (from 0) and \`total_chunks\` are there only where a batch was split; \`sample_count\` is then that of the
whole batch, \`start_time\` and \`end_time\` those of the part. \`is_daily_total\` is \`true\` for a sample that stands for a day
and must not be added to others.

${exampleOf(openWearablesEventType(granularEvent("heart_rate")))}

### Records, connections and runs

${records.map((it) => section("####", it)).join("\n\n")}

## Metriport

${METRIPORT_MESSAGE_TYPES.length} types. The examples are without \`meta\`, which every message has when it is sent: its id, its time, its type and your own
data about the customer. \`ping\` is no event type; it is sent when a URL is set.

${METRIPORT_MESSAGE_TYPES.map((it) => section("###", it)).join("\n\n")}

## Operational events

${OPERATIONAL_EVENT_TYPES.length} types, which Posthorn itself publishes to the application \`operator\`; [operations.md](operations.md#operational-events)
says how to get them. They are registered in that application when a process starts, and made as they are here again if
somebody has changed them. \`applicationUid\` and \`endpointUid\` are your own names, or \`null\`; \`url\` is without user
name, password, query and fragment, and \`null\` if the endpoint was deleted meanwhile.

${OPERATIONAL_EVENT_TYPES.map((it) => section("###", it)).join("\n\n")}
`;
}

function groupRow({ event, members }: (typeof SERIES_GROUPS)[number]): string {
  return `| ${code(event)} | ${members.map(({ slug, unit }) => `${code(slug)} (${unit})`).join(", ")} |`;
}

function section(level: string, entry: CatalogueEntry): string {
  return `${level} ${code(entry.name)}\n\n${entry.description}\n\n${exampleOf(entry)}`;
}

function exampleOf(entry: CatalogueEntry | null): string {
  return `\`\`\`json\n${JSON.stringify(entry?.example, null, 2)}\n\`\`\``;
}

function code(text: string): string {
  return `\`${text}\``;
}
