import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../core/ports.js";
import type { TemporalLink } from "./link.js";
import { searchAttributesKnown, setUpNamespace, triggerSweep } from "./setup.js";

/** Search attributes and the sweep's schedule, as soon as Temporal answers; accepting does not wait for it. */
export function prepareNamespace(link: TemporalLink, log: Log): { stop: () => Promise<void> } {
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    await link.whenConnected();
    for (;;) {
      try {
        await setUpNamespace(link);
        await searchAttributesKnown(link, abort.signal);
        link.isPrepared = true;
        await triggerSweep(link);
        return;
      } catch (error) {
        abort.signal.throwIfAborted();
        log.error({}, "temporal.setup_failed", error);
        await sleep(5_000, undefined, { signal: abort.signal });
      }
    }
  };
  const running = run().catch(() => undefined);
  return {
    stop: async () => {
      abort.abort();
      await Promise.race([running, sleep(1_000)]);
    },
  };
}
