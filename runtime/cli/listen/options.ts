/** What `posthorn listen` can be told, and which of it does not go together. */
import { webhookKeysOf } from "../../../client/verification/metriport.js";
import { keysOf } from "../../../client/verification/secret.js";

export const PROFILES = ["standard", "svix", "metriport"] as const;
type ListenProfile = (typeof PROFILES)[number];

/** Statuses that end a request: those below are announcements. */
export const STATUS = { min: 200, max: 599 } as const;
export const DELAY_MS_MAX = 60_000;

export interface ListenOptions {
  /** Absent: `webhook-*` and `svix-*` headers are taken. */
  profile?: ListenProfile | undefined;
  /** Secrets, or keys of the profile `metriport`; none: nothing is verified. */
  secret: string[];
  /** How many requests are answered with 500 first. */
  fail: number;
  /** The answer to every request. */
  refuse?: number | undefined;
  /** Wait before an answer, in milliseconds. */
  delay: number;
  wrongPong?: boolean | undefined;
}

/** Why it cannot start like this; `null` if it can. */
export function problemOf({ profile, secret, wrongPong = false }: ListenOptions): string | null {
  if (wrongPong && profile !== "metriport") {
    return "--wrong-pong needs --profile metriport: no other profile has pings";
  }
  if (secret.length === 0) return null;
  try {
    if (profile === "metriport") webhookKeysOf(secret);
    else keysOf(secret);
    return null;
  } catch (error) {
    const hint = profile === undefined ? "; webhook keys need --profile metriport" : "";
    return `--secret: ${error instanceof Error ? error.message : String(error)}${hint}`;
  }
}
