/** What every installation has: the applications `default` and `operator`, and what the latter's endpoints can get. */
import { loadCatalogue } from "../api/catalogue/load.js";
import { OPERATIONAL_EVENT_TYPES } from "../api/catalogue/operator/event-types.js";
import type { Application } from "../core/model.js";
import type { Store } from "../store/connect.js";

type BuiltInStore = Pick<Store, "ensureDefaultApplication" | "ensureOperatorApplication" | "eventTypes">;

/**
 * Makes what is missing. The event types of `operator` are Posthorn's own and become what this version says.
 *
 * @throws `store_unavailable`; what was made by then stays
 */
export async function ensureBuiltInApplications(
  store: BuiltInStore,
  now: Date,
): Promise<{ default: Application; operator: Application }> {
  const builtIn = {
    default: await store.ensureDefaultApplication(),
    operator: await store.ensureOperatorApplication(),
  };
  const entries = OPERATIONAL_EVENT_TYPES;
  await loadCatalogue(store.eventTypes, { applicationId: builtIn.operator.id, entries, now, replace: true });
  return builtIn;
}
