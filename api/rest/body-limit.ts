import type { IncomingMessage, ServerResponse } from "node:http";
import type { ProcedureMeta } from "../procedure-meta.js";
import type { BodyLimit } from "./body.js";
import type { LargeBodies } from "./large-bodies.js";

/** How much a procedure takes of a request's body: the ordinary limit, or its own where it has one. */
export function bodyLimitOf(
  { largeBodyBytesMax }: ProcedureMeta,
  { bodyBytesMax, largeBodies }: { bodyBytesMax: number; largeBodies: LargeBodies },
  request: IncomingMessage,
  response: ServerResponse,
): BodyLimit {
  if (largeBodyBytesMax === undefined) return { bytesMax: bodyBytesMax };
  const admit = () => {
    largeBodies.admit(request, response);
  };
  return { bytesMax: largeBodyBytesMax, large: { aboveBytes: bodyBytesMax, admit } };
}
