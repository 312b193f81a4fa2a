/** The secrets of each wire profile, as the API asks for them. */
import { randomBytes } from "node:crypto";
import type { SigningSecrets } from "../api/deps.js";
import { LIMITS } from "../core/limits.js";
import { generateSigningSecret, importSigningSecret } from "../egress/signature.js";
import { generatePrivateKey, publicKeyOf } from "../egress/signature-v1a.js";
import { generateWebhookKey, importWebhookKey } from "../egress/webhook-key.js";

const { secretBytesMin, secretBytesMax, webhookKeyCharsMin, webhookKeyCharsMax } = LIMITS;
const SECRET_FORM = `must be whsec_ and base64 of ${secretBytesMin} to ${secretBytesMax} bytes`;
const KEY_FORM = `must be ${webhookKeyCharsMin} to ${webhookKeyCharsMax} visible ASCII characters`;

export const signingSecrets: SigningSecrets = {
  generate: (profile) => (profile === "metriport" ? generateWebhookKey() : generateSigningSecret(randomBytes)).reveal(),
  parse: (text, profile) => {
    const isKey = profile === "metriport";
    const secret = isKey ? importWebhookKey(text) : importSigningSecret(text);
    if (secret === null) return { ok: false, problem: isKey ? KEY_FORM : SECRET_FORM };
    return { ok: true, key: secret.reveal() };
  },
  generatePrivateKey: () => generatePrivateKey(randomBytes),
  publicKeyOf,
};
