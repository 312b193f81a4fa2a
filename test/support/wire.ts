/** HTTP as bytes over TCP, for what no HTTP client would send. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

const END_MS_MAX = 20_000;

export class Wire {
  readonly #socket: Socket;
  #text = "";
  /** Settled when the connection is over, whoever ended it and however. */
  readonly ended: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => {
      this.#text += chunk;
    });
    this.#socket.on("end", () => this.#socket.end());
    // Reset by the other side: an end like any other.
    this.#socket.on("error", () => {});
    this.ended = once(this.#socket, "close").then(() => undefined);
  }

  /** Everything that came back so far. */
  get text(): string {
    return this.#text;
  }

  /** The status codes of all answers. */
  get statuses(): number[] {
    return [...this.#text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  }

  write(bytes: string | Buffer): this {
    if (this.#socket.writable) this.#socket.write(bytes, "latin1");
    return this;
  }

  /** Nothing more will be sent. */
  finish(): this {
    this.#socket.end();
    return this;
  }

  /** Reads nothing any more. */
  pause(): this {
    this.#socket.pause();
    return this;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits until the other side has ended the connection. */
  async closed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`the connection is still open; it said: ${this.#text.slice(0, 500)}`));
      }, END_MS_MAX);
    });
    try {
      await Promise.race([this.ended, late]);
    } finally {
      clearTimeout(timer);
      this.destroy();
    }
  }
}
