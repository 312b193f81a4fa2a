/** All scenarios, in the order they run. */
import { idle, memory } from "./at-rest.js";
import { backlog } from "./backlog.js";
import { bursts } from "./burst.js";
import { direct } from "./direct.js";
import { fanOuts } from "./fan-out.js";
import { fullStore } from "./full-store.js";
import { isolation } from "./isolation.js";
import { lightLoads } from "./light.js";
import { reference } from "./reference.js";
import { retryStorm } from "./retry-storm.js";
import type { Scenario } from "./scenario.js";
import { slowReceiver } from "./slow-receiver.js";

export const SCENARIOS: readonly Scenario[] = [
  direct,
  ...lightLoads,
  ...bursts,
  reference,
  ...fanOuts,
  slowReceiver,
  isolation,
  retryStorm,
  backlog,
  idle,
  memory,
  fullStore,
];
