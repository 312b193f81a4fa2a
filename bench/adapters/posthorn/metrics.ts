/** How much work a process of Posthorn has not begun, from its metrics. */
const CALL_MS_MAX = 5_000;

/** Accepted events whose workflow is not started yet, and events with first attempts on their way. */
export async function queueDepth(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(CALL_MS_MAX) });
  const text = await response.text();
  const depths = [...text.matchAll(/^posthorn_queue_depth\{queue="(?:dispatcher|head_starts)"\} (\d+)/gm)];
  if (depths.length === 0) throw new Error("no queue depths among the metrics");
  return depths.reduce((sum, [, depth]) => sum + Number(depth), 0);
}
