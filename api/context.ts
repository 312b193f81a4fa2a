/** What every procedure call knows: who asks, for what, and with which services. */
import type { PosthornError } from "../core/errors.js";
import type { ApplicationFinder } from "./application-finder.js";
import type { ApiServices } from "./deps.js";

/** Who a request acts for. An application's key never reaches another application. */
export type Principal = { kind: "admin" } | { kind: "application"; applicationId: string };

/** Authentication never throws, so that each procedure of a batch can answer with the same error. */
export type Access = { granted: true; principal: Principal } | { granted: false; error: PosthornError };

export interface ApiContext {
  services: ApiServices;
  applications: ApplicationFinder;
  access: Access;
  requestId: string;
  version: string;
  /** See `ApiConfig.settleMsMax`. */
  settleMsMax: number;
}

/** A context whose caller is known. */
export interface CallerContext extends ApiContext {
  principal: Principal;
}
