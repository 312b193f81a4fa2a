import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

/** One connection to a raw receiver. */
export interface RawConnection {
  socket: Socket;
  /** 0 for the first connection of the receiver. */
  index: number;
  /** Resolves when the head and the body of the next request have come; counts from the start of the connection. */
  request: () => Promise<string>;
}

export interface RawReceiver {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Texts of the complete requests, oldest first. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Takes the first complete request from the text, by its `content-length`. */
function takeRequest(text: string): { request: string; rest: string } | null {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return null;
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, headEnd))?.[1] ?? 0);
  const end = headEnd + 4 + length;
  return text.length < end ? null : { request: text.slice(0, end), rest: text.slice(end) };
}

/** A TCP server on 127.0.0.1 that says whatever `serve` writes: for answers that no HTTP server would give. */
export async function startRawReceiver(serve: (connection: RawConnection) => Promise<void>): Promise<RawReceiver> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;

  const server = createServer((socket) => {
    let text = "";
    let wake = () => {};
    sockets.add(socket);
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      text += chunk;
      wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      wake();
    });
    const request = async () => {
      for (;;) {
        const taken = takeRequest(text);
        if (taken !== null) {
          text = taken.rest;
          requests.push(taken.request);
          return taken.request;
        }
        if (socket.destroyed) throw new Error("the connection ended before a request had come");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    serve({ socket, index: connections++, request }).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    requests,
    get connections() {
      return connections;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
