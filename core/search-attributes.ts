/** What a person can search workflows by in the Temporal Web UI. */

/** Registered on the namespace by `posthorn setup` and by the embedded stack. */
export const SEARCH_ATTRIBUTES = [
  { name: "ApplicationId", type: "Keyword" },
  { name: "EndpointId", type: "Keyword" },
  { name: "EventId", type: "KeywordList" },
  { name: "EventType", type: "KeywordList" },
] as const;

export interface SearchValues {
  /** Shown where it is one: the attribute has a single value. */
  applicationIds: readonly string[];
  endpointId?: string | undefined;
  eventIds: readonly string[];
  eventTypes: readonly string[];
}

/** A pair as Temporal's SDK takes it. */
export type SearchPair =
  | { key: { name: string; type: "KEYWORD" }; value: string }
  | { key: { name: string; type: "KEYWORD_LIST" }; value: string[] };

/** A server refuses a longer value unless its operator raised the limit; event types give way, event ids never do. */
const VALUE_BYTES = 2_000;

/** The search attributes of a workflow. */
export function searchPairs(values: SearchValues): SearchPair[] {
  const pairs: SearchPair[] = [
    { key: { name: "EventId", type: "KEYWORD_LIST" }, value: [...values.eventIds] },
    { key: { name: "EventType", type: "KEYWORD_LIST" }, value: fitting(values.eventTypes) },
  ];
  const [applicationId, ...others] = values.applicationIds;
  if (applicationId !== undefined && others.length === 0) {
    pairs.push({ key: { name: "ApplicationId", type: "KEYWORD" }, value: applicationId });
  }
  if (values.endpointId !== undefined) {
    pairs.push({ key: { name: "EndpointId", type: "KEYWORD" }, value: values.endpointId });
  }
  return pairs;
}

function fitting(texts: readonly string[]): string[] {
  let bytes = 2;
  return texts.filter((text) => {
    bytes += text.length + 3;
    return bytes <= VALUE_BYTES;
  });
}
