/** All procedures. The client package is typed from `AppRouter`. */
import { applications } from "./routers/applications.js";
import { attempts } from "./routers/attempts.js";
import { audit } from "./routers/audit.js";
import { deliveries } from "./routers/deliveries.js";
import { endpoints } from "./routers/endpoints.js";
import { eventTypes } from "./routers/event-types.js";
import { events } from "./routers/events.js";
import { health } from "./routers/health.js";
import { keys } from "./routers/keys.js";
import { metriport } from "./routers/metriport.js";
import { system } from "./routers/system.js";
import { router } from "./trpc.js";

export function createAppRouter() {
  const catalogue = { applications, endpoints, eventTypes, events, deliveries, attempts };
  return router({ ...catalogue, health, metriport, keys, audit, system });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
