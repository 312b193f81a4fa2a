import type { HeadStarts } from "../../core/ports.js";

/** For events whose first attempts are their workflow's. */
export const NO_HEAD_START: HeadStarts = { claim: () => null, begin: () => false };
