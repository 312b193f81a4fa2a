/** The receiver's other port, on loopback only: counters, arrivals, and how paths are to answer. */
import type { Server } from "node:http";
import { createServer } from "node:http";
import { z } from "zod";
import { behaviour } from "./recorder.js";
import type { Recorder } from "./recorder.js";

const BODY_BYTES_MAX = 1024 * 1024;

export const control = {
  behave: z.strictObject({ paths: z.array(z.string()), behaviour }),
  forget: z.strictObject({ prefix: z.string() }),
};

/** `GET /counts?prefix=`, `GET /arrivals?prefix=`, `POST /behave`, `POST /forget`. */
export function createControl(recorder: Recorder): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES_MAX) request.destroy();
      else chunks.push(chunk);
    });
    request.once("error", () => response.destroy());
    request.once("end", () => {
      try {
        const answer = handle(recorder, request.url ?? "/", Buffer.concat(chunks).toString("utf8"));
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      } catch (error) {
        response.writeHead(400).end(error instanceof Error ? error.message : String(error));
      }
    });
  });
}

function handle(recorder: Recorder, url: string, body: string): unknown {
  const { pathname, searchParams } = new URL(url, "http://control");
  const prefix = searchParams.get("prefix") ?? "/";
  switch (pathname) {
    case "/counts":
      return recorder.counts(prefix);
    case "/arrivals":
      return recorder.arrivals(prefix);
    case "/behave": {
      const told = control.behave.parse(JSON.parse(body));
      for (const path of told.paths) recorder.behave(path, told.behaviour);
      return {};
    }
    case "/forget":
      recorder.forget(control.forget.parse(JSON.parse(body)).prefix);
      return {};
    default:
      throw new Error(`no such path: ${pathname}`);
  }
}
