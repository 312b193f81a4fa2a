/** An HTTP CONNECT proxy on 127.0.0.1 that resolves every name to this machine. */
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

export interface ConnectProxyOptions {
  /** Says this to CONNECT instead of making a tunnel, then ends. */
  refusal?: string;
  /** Takes CONNECT and never answers. */
  silent?: boolean;
  /** Ends the connection at CONNECT. */
  ends?: boolean;
  /** What the proxy says after its head and before the receiver says anything. */
  early?: string;
}

export interface ConnectProxy {
  readonly port: number;
  /** `host:port` of every CONNECT, oldest first. */
  readonly asked: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Bytes from the sender that went through tunnels, as Latin-1. */
  readonly tunnelled: string;
  /** Requests other than CONNECT: what a client does that takes it for a proxy of plain HTTP. */
  readonly forwarded: number;
  readonly connections: number;
  close(): Promise<void>;
}

export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const open = new Set<Duplex>();
  const count = { connections: 0, forwarded: 0 };
  let tunnelled = "";

  const keep = <Socket extends Duplex>(socket: Socket): Socket => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => socket.destroy());
    return socket;
  };
  const server = createServer((_, response) => {
    count.forwarded += 1;
    response.writeHead(502).end();
  });
  server.on("connection", (socket) => {
    count.connections += 1;
    keep(socket);
  });
  server.on("connect", (request, client: Duplex) => {
    asked.push(request.url ?? "");
    headers.push(request.headers);
    if (options.silent === true) return;
    if (options.ends === true) {
      client.destroy();
      return;
    }
    if (options.refusal !== undefined) {
      client.end(options.refusal);
      return;
    }
    const port = Number(/:(\d+)$/.exec(request.url ?? "")?.[1]);
    const receiver = keep(
      connect(port, "127.0.0.1", () => {
        client.write(`HTTP/1.1 200 Connection established\r\n\r\n${options.early ?? ""}`);
        client.on("data", (chunk: Buffer) => (tunnelled += chunk.toString("latin1")));
        client.pipe(receiver).pipe(client);
      }),
    );
    client.on("close", () => receiver.destroy());
    receiver.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    port,
    asked,
    headers,
    get tunnelled() {
      return tunnelled;
    },
    get forwarded() {
      return count.forwarded;
    },
    get connections() {
      return count.connections;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
