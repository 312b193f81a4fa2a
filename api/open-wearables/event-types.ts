/** The event types of Open Wearables, as its pickers want them. */
import { OPEN_WEARABLES_EVENT_TYPES } from "../catalogue/open-wearables/event-types.js";

interface OpenWearablesEventType {
  name: string;
  description: string;
  /** `null`: it is no group. */
  child_events: readonly string[] | null;
}

export const EVENT_TYPES: readonly OpenWearablesEventType[] = OPEN_WEARABLES_EVENT_TYPES.map(
  ({ name, description, childEvents }) => ({ name, description, child_events: childEvents }),
);
