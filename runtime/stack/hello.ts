import { connect } from "node:net";

/** `{ hello: 1, $db: "admin" }` as an OP_MSG: sixteen bytes of header, flags, section kind, document. */
function helloMessage(): Buffer {
  const fields = Buffer.concat([
    Buffer.from("\x10hello\0"),
    int32(1),
    Buffer.from("\x02$db\0"),
    int32("admin\0".length),
    Buffer.from("admin\0"),
    Buffer.from("\0"),
  ]);
  const document = Buffer.concat([int32(fields.length + 4), fields]);
  const body = Buffer.concat([int32(0), Buffer.from([0]), document]);
  return Buffer.concat([int32(body.length + 16), int32(1), int32(0), int32(2013), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

/** A boolean field of a BSON document: type 8, the name, then one byte. */
const WRITABLE = Buffer.from("\x08isWritablePrimary\0\x01", "latin1");

/**
 * Whether a MongoDB server at that port answers `hello` within `timeoutMs` and accepts writes. Speaks the few bytes itself,
 * because only `store` may use the driver.
 */
export function answersHello(port: number, host: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const timer = setTimeout(() => settle(false), timeoutMs);
    let answer = Buffer.alloc(0);
    const settle = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => socket.write(helloMessage()));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 4 && answer.length >= answer.readInt32LE(0)) settle(answer.includes(WRITABLE));
    });
  });
}
