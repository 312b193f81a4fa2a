/** A Posthorn that runs already, here or elsewhere: nothing of it is started, stopped or measured from the inside. */
import { z } from "zod";
import type { Adapter, Target } from "./adapter.js";
import { call, createPosthornTenant } from "./posthorn-api.js";
import type { PosthornApi } from "./posthorn-api.js";

const document = z.object({ info: z.object({ version: z.string() }) });

export function runningPosthornAdapter(api: PosthornApi): Adapter {
  return {
    name: "posthorn",
    capabilities: new Set(["batch", "pause", "lists", "retrySchedule"]),
    idHeader: "webhook-id",
    start: () => attach(api),
  };
}

async function attach(api: PosthornApi): Promise<Target> {
  const { info } = document.parse(await call(api, "GET", "/openapi.json"));
  return {
    facts: { posthorn: info.version, at: api.url },
    processes: [],
    createTenant: () => createPosthornTenant(api),
    settled: () => Promise.resolve(null),
    countWorkflows: () => Promise.reject(new Error("the workflows of a Posthorn elsewhere cannot be counted")),
    problems: () => Promise.resolve({}),
    stop: () => Promise.resolve(),
  };
}
