const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A number in base 62, filled up to `chars` with zeros. */
export function toBase62(value: bigint, chars: number): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text.padStart(chars, "0");
}

/** Big-endian bytes in base 62; without modulo bias, unlike picking a character per byte. */
export function bytesToBase62(bytes: Uint8Array, chars: number): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return toBase62(value, chars);
}
