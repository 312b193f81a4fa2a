import { PosthornError } from "../../core/errors.js";

/** Other content came before under the same key; a revision makes a key of its own. */
export function keyConflict(eventId: string, firstId: string): PosthornError {
  return new PosthornError(
    "event_conflict",
    `"${eventId}" was sent before as ${firstId} with other content. To send a correction, give it a revision.`,
    [{ path: "revision", message: "needed, and new: the same was sent before with other content" }],
  );
}
