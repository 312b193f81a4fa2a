/**
 * Deliveries that are late because the workflow that owns them is gone. Tens of thousands may be late in lanes that live,
 * at a receiver that takes its time: looking through them is not to keep the store from delivering them.
 */
import type { Delivery } from "../core/model.js";
import type { OverdueDelivery } from "../core/store-ports.js";
import type { ActivityPorts } from "./ports.js";

/** Late deliveries read at once, and orphans after which the rest waits for the next sweep. */
const READ = 1_000;
const ORPHANS_MAX = 1_000;
/** Late deliveries looked at: many may be late although their lanes live, and must not hide the others. */
const SEEN_MAX = 50_000;
const ASKED_AT_ONCE = 16;
/** A look that found nothing but lanes that live rests so long for each full page that it has read. */
const REST_MS_PER_PAGE = 1_000;

export class Orphans {
  #restsUntilMs = 0;

  /** Those that are due before that time, at most 2,000; none while it rests. */
  async find(ports: ActivityPorts, before: Date): Promise<Delivery[]> {
    if (ports.clock.now() < this.#restsUntilMs) return [];
    const gone = new Map<string | null, boolean>([[null, true]]);
    const found = new Map<string, string | null>();
    let after: OverdueDelivery | null = null;
    let pages = 0;
    for (; pages < SEEN_MAX / READ && found.size < ORPHANS_MAX; pages += 1) {
      const overdue: OverdueDelivery[] = await ports.deliveries.overdue(before, after, READ);
      const owners = new Set(overdue.flatMap((it) => it.workflowId ?? []));
      await askWhoIsGone(
        ports,
        [...owners].filter((it) => !gone.has(it)),
        gone,
      );
      for (const { id, workflowId } of overdue) if (gone.get(workflowId) === true) found.set(id, workflowId);
      after = overdue.at(-1) ?? null;
      if (overdue.length < READ) break;
    }
    if (found.size > 0) return asRead(ports, found);
    this.#restsUntilMs = ports.clock.now() + pages * REST_MS_PER_PAGE;
    return [];
  }
}

/** Whoever has another owner by now has been found by somebody else. */
async function asRead(ports: ActivityPorts, found: ReadonlyMap<string, string | null>): Promise<Delivery[]> {
  const deliveries = await ports.deliveries.findByIds([...found.keys()]);
  return deliveries.filter((it) => it.workflowId === found.get(it.id));
}

async function askWhoIsGone(
  ports: ActivityPorts,
  workflowIds: readonly string[],
  gone: Map<string | null, boolean>,
): Promise<void> {
  for (let at = 0; at < workflowIds.length; at += ASKED_AT_ONCE) {
    const asked = workflowIds.slice(at, at + ASKED_AT_ONCE).map(async (workflowId) => {
      gone.set(workflowId, !(await ports.engine.isRunning(workflowId)));
    });
    await Promise.all(asked);
  }
}
