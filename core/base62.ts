const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Digits that one division gives. What is left of one, times {@link WORD}, is still a number without rounding. */
const DIGITS_AT_ONCE = 5;
const DIVISOR = 62 ** DIGITS_AT_ONCE;
const WORD = 2 ** 16;

/**
 * Big-endian bytes in base 62, filled up with zeros to `chars`, which must be as many as so many bytes can need; without
 * modulo bias, unlike picking a character per byte. In plain numbers: every event gets an id, and big integers or
 * a division for each digit cost it several times as much.
 */
export function bytesToBase62(bytes: Uint8Array, chars: number): string {
  const words = wordsOf(bytes);
  let text = "";
  while (text.length < chars) {
    let rest = divide(words);
    for (let digit = 0; digit < DIGITS_AT_ONCE; digit += 1) {
      text = DIGITS.charAt(rest % 62) + text;
      rest = Math.floor(rest / 62);
    }
  }
  return text.slice(-chars);
}

/** Two bytes each, the most significant first. */
function wordsOf(bytes: Uint8Array): number[] {
  const words: number[] = [];
  for (let at = bytes.length % 2 === 0 ? 0 : -1; at < bytes.length; at += 2) {
    words.push((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  }
  return words;
}

/** Divides the number in place; returns what is left. */
function divide(words: number[]): number {
  let rest = 0;
  for (let at = 0; at < words.length; at += 1) {
    const value = rest * WORD + (words[at] ?? 0);
    const quotient = Math.floor(value / DIVISOR);
    words[at] = quotient;
    rest = value - quotient * DIVISOR;
  }
  return rest;
}
