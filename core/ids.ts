/**
 * Ids are a prefix and 27 base62 characters of a KSUID with millisecond time, so they sort by creation time and lists
 * page by id. This file knows their grammar; making them needs a clock and randomness and is the work of an `IdSource`.
 */
export const ID_PREFIX = {
  application: "app_",
  endpoint: "ep_",
  event: "msg_",
  delivery: "dlv_",
  attempt: "atmpt_",
  operation: "op_",
  audit: "aud_",
} as const;

export type IdKind = keyof typeof ID_PREFIX;

const KSUID = "[0-9A-Za-z]{27}";

/** Grammar of each kind of id; a delivery's is made of the KSUIDs of its event and its endpoint. */
export const ID_PATTERN: Readonly<Record<IdKind, RegExp>> = {
  application: new RegExp(`^app_${KSUID}$`),
  endpoint: new RegExp(`^ep_${KSUID}$`),
  event: new RegExp(`^msg_${KSUID}$`),
  delivery: new RegExp(`^dlv_${KSUID}_${KSUID}$`),
  attempt: new RegExp(`^atmpt_${KSUID}$`),
  operation: new RegExp(`^op_${KSUID}$`),
  audit: new RegExp(`^aud_${KSUID}$`),
};

/** Whether `text` is a well-formed id of that kind. */
export function isId(kind: IdKind, text: string): boolean {
  return ID_PATTERN[kind].test(text);
}

/**
 * The id of the delivery of one event to one endpoint. Derived, so creating it twice is a no-op.
 *
 * @example deliveryIdOf("msg_2a…", "ep_2b…") // "dlv_2a…_2b…"
 */
export function deliveryIdOf(eventId: string, endpointId: string): string {
  return `${ID_PREFIX.delivery}${ksuidOf("event", eventId)}_${ksuidOf("endpoint", endpointId)}`;
}

/** The event and the endpoint that a delivery id was derived from. */
export function partsOfDeliveryId(deliveryId: string): { eventId: string; endpointId: string } {
  if (!isId("delivery", deliveryId)) throw new Error(`not a delivery id: ${deliveryId}`);
  const [event = "", endpoint = ""] = deliveryId.slice(ID_PREFIX.delivery.length).split("_");
  return { eventId: ID_PREFIX.event + event, endpointId: ID_PREFIX.endpoint + endpoint };
}

function ksuidOf(kind: IdKind, id: string): string {
  if (!isId(kind, id)) throw new Error(`not an ${kind} id: ${id}`);
  return id.slice(ID_PREFIX[kind].length);
}
