import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyCapture } from "../../egress/body-capture.js";

function capture(bytesMax: number, ...chunks: Uint8Array[]): BodyCapture {
  const body = new BodyCapture(bytesMax);
  for (const chunk of chunks) if (!body.add(chunk)) break;
  return body;
}

describe("what is kept of an answer", () => {
  it("is all of a short one, however it was cut into chunks", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zä-ü世🚀]{0,50}$/u), fc.integer({ min: 1, max: 9 }), (text, size) => {
        const bytes = Buffer.from(text);
        const chunks = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        const body = capture(1_000, ...chunks);
        expect(body.text()).toBe(text);
        expect(body.truncated).toBe(false);
      }),
    );
  });

  it("is the beginning of a long one, and says so", () => {
    const body = capture(5, Buffer.from("abc"), Buffer.from("defg"), Buffer.from("never read"));
    expect(body.text()).toBe("abcde");
    expect(body.truncated).toBe(true);
  });

  it("is not called truncated when it fits exactly", () => {
    expect(capture(3, Buffer.from("abc")).truncated).toBe(false);
  });

  it("does not end in half a character", () => {
    expect(capture(4, Buffer.from("abcä!")).text()).toBe("abc");
  });

  it("has replacements for what is no UTF-8 and no control characters but tab and newline", () => {
    expect(capture(100, Buffer.from([0x61, 0xff, 0x62])).text()).toBe("a\ufffdb");
    expect(capture(100, Buffer.from("a\0b\x1b[31mc\r\nd\te\x7f\u0085f")).text()).toBe("ab[31mc\nd\tef");
  });
});
