/** Event types that may be named: those of Open Wearables, and those that the application has registered. */
import { applicationOf } from "../application-of.js";
import { openWearablesEventType } from "../catalogue/open-wearables/event-types.js";
import { inParallel } from "../commands/in-parallel.js";
import type { CallerContext } from "../context.js";
import { invalidField } from "../input-issues.js";

const READS_IN_PARALLEL = 8;

/**
 * Checks the names that an input has in `field`. Those in `kept` are no question: the endpoint has them already.
 *
 * @throws `invalid_input` with an unknown name
 */
export async function requireKnownTypes(
  context: CallerContext,
  field: string,
  names: readonly string[],
  kept: readonly string[] = [],
): Promise<void> {
  const asked = names.filter((name) => openWearablesEventType(name) === null && !kept.includes(name));
  if (asked.length === 0) return;
  const applicationId = await applicationOf(context, undefined);
  await inParallel(asked, READS_IN_PARALLEL, async (name) => {
    const registered = await context.services.stores.eventTypes.find(applicationId, name);
    if (registered === null || registered.archived) {
      throw invalidField([field], `there is no event type ${JSON.stringify(name)}`);
    }
  });
}
