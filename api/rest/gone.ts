import type { Response } from "express";

/** A signal that fires when the client has gone before it got its answer: nobody is waiting any more. */
export function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded) controller.abort();
  });
  return controller.signal;
}
