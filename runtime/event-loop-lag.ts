/** How late this process is: what its own load adds to everything that it measures. */
import { monitorEventLoopDelay } from "node:perf_hooks";

const SLICE_MS = 1_000;
const SLICES = 3;
/** Coarse: at rest, waking up to look is most of what this costs. */
const RESOLUTION_MS = 100;

export interface EventLoopLag {
  /** The longest delay of the last seconds. */
  lagMs: () => number;
  stop: () => void;
}

export function watchEventLoop(): EventLoopLag {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const slices: number[] = [];
  const maxMs = (): number => Math.max(0, histogram.max / 1e6 - RESOLUTION_MS);
  const timer = setInterval(() => {
    slices.push(maxMs());
    if (slices.length > SLICES) slices.shift();
    histogram.reset();
  }, SLICE_MS);
  timer.unref();
  return {
    lagMs: () => Math.max(maxMs(), ...slices),
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
