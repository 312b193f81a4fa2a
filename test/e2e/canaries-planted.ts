/** The texts that are planted, and receivers that give them back. */
import { randomBytes } from "node:crypto";
import { createApiKeyText } from "../../api/keys/api-key.js";
import type { Answer, ReceivedRequest } from "../support/receiver.js";
import type { Canaries } from "./canaries-finder.js";

export interface Planted {
  adminKey: string;
  encryptionKey: string;
  otherEncryptionKey: string;
  /** `whsec_…` of readable bytes: the key and its bytes are searched for. */
  signingSecret: string;
  rotatedSecret: string;
  /** Without `Bearer`. */
  header: string;
  urlToken: string;
  payload: string;
  metadata: string;
  webhookKey: string;
  responseBody: string;
  /** Of the right form, known to nobody. */
  wrongKey: string;
  respond: (request: ReceivedRequest) => Answer;
}

/** Characters of a key before its secret part: `phk_`, the id and `_`. */
export const KEY_HEAD_CHARS = 18;

export function plant(canaries: Canaries): Planted {
  const responseBody = canaries.plant("response body");
  const whsec = (name: string) => `whsec_${Buffer.from(canaries.plant(name).slice(0, 40)).toString("base64")}`;
  const sealing = (kid: string) => {
    const text = canaries.watch("encryption key", `canary-${randomBytes(16).toString("hex")}`.slice(0, 32));
    return `${kid}:${Buffer.from(text).toString("base64")}`;
  };
  const wrongKey = createApiKeyText(randomBytes);
  canaries.watch("wrong key", wrongKey.slice(KEY_HEAD_CHARS));
  return {
    adminKey: canaries.plant("admin key"),
    encryptionKey: sealing("one"),
    otherEncryptionKey: sealing("two"),
    signingSecret: whsec("signing secret"),
    rotatedSecret: whsec("rotated secret"),
    header: canaries.plant("header value"),
    urlToken: canaries.plant("url token"),
    payload: canaries.plant("payload"),
    metadata: canaries.plant("metadata"),
    webhookKey: canaries.plant("webhook key"),
    responseBody,
    wrongKey,
    respond: (request) => answer(request, responseBody),
  };
}

function answer({ path, headers, body }: ReceivedRequest, responseBody: string): Answer {
  const scene = /^\/hook\/(\w+)/.exec(path)?.[1];
  const text = body.toString("utf8");
  if (scene === "echo") return { status: 500, body: JSON.stringify({ responseBody, headers }) };
  if (scene === "reset") return "reset";
  if (scene === "gone") return { status: 410, headers: { "x-note": responseBody }, body: responseBody };
  const ping = /"ping":"([\w-]+)"/.exec(text)?.[1];
  if (ping !== undefined) return { status: 200, body: JSON.stringify({ pong: ping, responseBody }) };
  return { status: 200, headers: { "x-note": responseBody }, body: responseBody };
}
