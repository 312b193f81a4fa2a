/** Ready means ready: the same check that an orchestrator makes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "./service.js";

const READY_TIMEOUT_MS = 60_000;

/** Resolves when `/readyz` answers 200 and the worker polls; rejects after a minute. */
export async function waitUntilReady(service: Service): Promise<void> {
  await service.polling;
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${service.url}/readyz`);
    const body = await response.text();
    if (response.ok) return;
    if (Date.now() > deadlineMs) throw new Error(`not ready after ${READY_TIMEOUT_MS / 1000} s: ${body}`);
    await sleep(200);
  }
}
