/** Ways in which a receiver misbehaves, for `startRawReceiver`: each reads one request and then does something else. */
import type { Socket } from "node:net";
import type { RawConnection } from "./raw-receiver.js";

export type Misbehaviour = (connection: RawConnection) => Promise<void>;

/** Writes the texts and leaves the connection open. Without texts: never answers. */
export const says =
  (...texts: string[]): Misbehaviour =>
  async ({ socket, request }) => {
    await request();
    for (const text of texts) socket.write(text, "latin1");
  };

export const saysAndEnds =
  (text: string): Misbehaviour =>
  async ({ socket, request }) => {
    await request();
    socket.end(text, "latin1");
  };

/** The reset follows when the text has left, not instead of it. */
export const saysAndResets =
  (text: string): Misbehaviour =>
  async ({ socket, request }) => {
    await request();
    socket.write(text, "latin1", () => setTimeout(() => socket.resetAndDestroy(), 50));
  };

export const resets: Misbehaviour = async ({ socket, request }) => {
  await request();
  socket.resetAndDestroy();
};

export const neverReads: Misbehaviour = ({ socket }) => {
  socket.pause();
  return Promise.resolve();
};

/** Answers before it has read the request. */
export const interrupts =
  (text: string): Misbehaviour =>
  ({ socket }) => {
    socket.end(text, "latin1");
    return Promise.resolve();
  };

/** Writes for as long as somebody reads. */
function pour(socket: Socket, chunk: string, everyMs: number): void {
  const more = () => {
    if (socket.destroyed) return;
    if (!socket.write(chunk, "latin1")) socket.once("drain", more);
    else if (everyMs > 0) setTimeout(more, everyMs);
    else setImmediate(more);
  };
  more();
}

/** Writes `head` and then `chunk` again and again, without end. */
export const pours =
  (head: string, chunk: string, everyMs = 0): Misbehaviour =>
  async ({ socket, request }) => {
    await request();
    socket.write(head, "latin1");
    pour(socket, chunk, everyMs);
  };

/** The same answer to every request of a connection. */
export const repeats =
  (text: string): Misbehaviour =>
  async ({ socket, request }) => {
    for (;;) {
      await request();
      socket.write(text, "latin1");
    }
  };

/** Writes before it has read anything and leaves the connection open. */
export const writesAtOnce =
  (text: string): Misbehaviour =>
  ({ socket }) => {
    socket.write(text, "latin1");
    return Promise.resolve();
  };
