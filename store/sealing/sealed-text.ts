/**
 * One value sealed with AES-256-GCM, as the text `v1.<kid>.<iv>.<ciphertext and tag>`. What is authenticated beside it is
 * the place it was sealed for, so that it opens nowhere else.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORM = /^v1\.([a-z0-9-]{1,16})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

export interface SealedParts {
  kid: string;
  iv: Buffer;
  /** With the tag of 16 bytes at its end. */
  ciphertext: Buffer;
}

export function sealText(text: string, place: string, key: { kid: string; key: KeyObject }): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key.key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place));
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1.${key.kid}.${iv.toString("base64url")}.${ciphertext.toString("base64url")}`;
}

/** What a sealed text is made of; `null` if it is none. */
export function parseSealedText(text: string): SealedParts | null {
  const [, kid, iv, rest] = FORM.exec(text) ?? [];
  if (kid === undefined || iv === undefined || rest === undefined) return null;
  const ciphertext = Buffer.from(rest, "base64url");
  // The last character may have bits to spare, which nothing would notice.
  if (ciphertext.length < TAG_BYTES || ciphertext.toString("base64url") !== rest) return null;
  return { kid, iv: Buffer.from(iv, "base64url"), ciphertext };
}

/** The text, or `null` if the key or the place is another one or anything was changed. */
export function openText({ iv, ciphertext }: SealedParts, place: string, key: KeyObject): string | null {
  // Without the length, Node takes tags that were cut to 4 bytes.
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  try {
    return decipher.update(ciphertext.subarray(0, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return null;
  }
}
