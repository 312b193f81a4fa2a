export { deliverEvents } from "./deliver-events.js";
export { deliverLater } from "./deliver-later.js";
export { deliverToEndpoint } from "./deliver-to-endpoint.js";
export { runOperation } from "./run-operation.js";
export { sweep } from "./sweep.js";
