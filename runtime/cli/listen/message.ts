/** What a request to `posthorn listen` says, and whether it can be trusted. */
import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { verifyMetriportWebhook, verifyWebhook } from "../../../client/verify.js";
import type { ListenOptions } from "./options.js";

export interface Message {
  /** `webhook-id`, `svix-id` or `meta.messageId`; `null` if it has none. */
  id: string | null;
  /** What a ping of the profile `metriport` wants back; `null` if this is none. */
  ping: string | null;
  trusted: boolean;
  /** The verdict in words. */
  verdict: string;
}

type Told = Pick<ListenOptions, "profile" | "secret">;

const metriportBody = z.object({
  ping: z.string().nullable().catch(null),
  meta: z.object({ messageId: z.string().nullable().catch(null) }).catch({ messageId: null }),
});

const FAMILY = { standard: "webhook", svix: "svix" } as const;

export function readMessage(headers: IncomingHttpHeaders, body: Buffer, told: Told): Message {
  const { meta, ping } = metriportBody.catch({ ping: null, meta: { messageId: null } }).parse(parseJson(body));
  const id = textOf(headers["webhook-id"]) ?? textOf(headers["svix-id"]) ?? meta.messageId;
  return { id, ping: told.profile === "metriport" ? ping : null, ...verify(headers, body, told) };
}

function verify(
  headers: IncomingHttpHeaders,
  body: Buffer,
  { profile, secret }: Told,
): Pick<Message, "trusted" | "verdict"> {
  if (secret.length === 0) return { trusted: true, verdict: "not verified: no --secret" };
  try {
    if (profile === "metriport") {
      verifyMetriportWebhook({ payload: body, headers, keys: secret });
      return { trusted: true, verdict: `${metriportProof(headers)} verified` };
    }
    verifyWebhook({ payload: body, headers: familyOf(headers, profile), secrets: secret });
    return { trusted: true, verdict: "signature verified" };
  } catch (error) {
    return { trusted: false, verdict: `refused: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function metriportProof(headers: IncomingHttpHeaders): string {
  const hasKey = textOf(headers["x-webhook-key"]) !== null;
  const isSigned = textOf(headers["x-metriport-signature"]) !== null;
  return hasKey && isSigned ? "key and signature" : hasKey ? "key" : "signature";
}

/** The headers that a receiver of this profile looks at. @throws Error if they are another family's */
function familyOf(headers: IncomingHttpHeaders, profile: keyof typeof FAMILY | undefined): IncomingHttpHeaders {
  if (profile === undefined) return headers;
  const names = ["id", "timestamp", "signature"].map((it) => `${FAMILY[profile]}-${it}`);
  const missing = names.filter((name) => textOf(headers[name]) === null);
  if (missing.length > 0) throw new Error(`missing header: ${missing.join(", ")}`);
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}

function textOf(value: string | string[] | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
