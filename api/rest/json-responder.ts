import type { ServerResponse } from "node:http";
import type { CorsHeader } from "../cors.js";
import { securityHeaders } from "../security-headers.js";

export interface JsonAnswer {
  requestId: string;
  /** For the page that asked. */
  cors: readonly CorsHeader[];
  status: number;
  /** Besides those of every answer. */
  headers?: Readonly<Record<string, string>>;
  body: object;
}

const NO_STORE = ["cache-control", "no-store"];

/**
 * Answers as `response.json` does at the end of the middlewares of `/v1`, with the same headers in the same order: in one
 * piece, from a list that is made once.
 */
export function jsonResponder(): (response: ServerResponse, answer: JsonAnswer) => void {
  const always = securityHeaders().flat();
  return (response, { requestId, cors, status, headers, body }) => {
    const text = JSON.stringify(body);
    const fields = ["x-request-id", requestId].concat(always, cors.flat(), NO_STORE);
    if (headers !== undefined) fields.push(...Object.entries(headers).flat());
    fields.push("Content-Type", "application/json; charset=utf-8", "Content-Length", String(Buffer.byteLength(text)));
    response.writeHead(status, fields);
    response.end(text);
  };
}
