/** `/healthz`, `/readyz` and `/metrics`: for operators and their machines. */
import { Router } from "express";
import type { ApiHealth } from "./deps.js";

const CHECK_MS_MAX = 2_000;

export function createHealthRouter(health: ApiHealth): Router {
  const router = Router();

  /** The process serves. */
  router.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });

  /** Both dependencies answer; 503 says which one does not. */
  router.get("/readyz", async (_request, response) => {
    const [store, engine] = await Promise.all([answers(() => health.store()), answers(() => health.engine())]);
    const ready = store && engine;
    response.status(ready ? 200 : 503).json({
      status: ready ? "ready" : "unavailable",
      dependencies: { store: store ? "up" : "down", engine: engine ? "up" : "down" },
    });
  });

  const { metricsText } = health;
  if (metricsText !== undefined) {
    router.get("/metrics", async (_request, response) => {
      response.type("text/plain; version=0.0.4").send(await metricsText());
    });
  }
  return router;
}

async function answers(check: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, CHECK_MS_MAX);
  });
  const inTime = check().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([inTime, late]);
  } finally {
    clearTimeout(timer);
  }
}
