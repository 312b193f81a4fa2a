/** Checksum of an API key: it tells a typo from a key before anybody asks the store. No protection against forgery. */
import { bytesToBase62 } from "../../core/base62.js";

export const CHECKSUM_CHARS = 6;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (IEEE 802.3) of an ASCII text as 6 base62 characters. */
export function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, crc ^ 0xffffffff);
  return bytesToBase62(new Uint8Array(bytes.buffer), CHECKSUM_CHARS);
}
