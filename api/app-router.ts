/** All procedures. The client package is typed from `AppRouter`. */
import { applications } from "./routers/applications.js";
import { attempts } from "./routers/attempts.js";
import { deliveries } from "./routers/deliveries.js";
import { endpoints } from "./routers/endpoints.js";
import { eventTypes } from "./routers/event-types.js";
import { events } from "./routers/events.js";
import { system } from "./routers/system.js";
import { router } from "./trpc.js";

export function createAppRouter() {
  return router({ applications, endpoints, eventTypes, events, deliveries, attempts, system });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
