/** Bodies above the ordinary limit: a few at once, so that the memory they take is bounded. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PosthornError } from "../../core/errors.js";

const LARGE_BODIES_MAX = 4;

export class LargeBodies {
  #count = 0;

  /**
   * Takes a place for the request until it was answered or its client has gone.
   *
   * @throws `overloaded` if all places are taken
   */
  admit(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (socket.destroyed) throw new PosthornError("overloaded", "The client went away.");
    if (this.#count >= LARGE_BODIES_MAX) throw new PosthornError("overloaded");
    this.#count += 1;
    const release = () => {
      this.#count -= 1;
      response.off("close", release);
      socket.off("close", release);
    };
    response.once("close", release);
    // A response that waits behind another one on the same connection is not told of its end.
    socket.once("close", release);
  }
}
