/** Calls an installation and keeps every answer, for a search afterwards. */
import type { Haystack } from "./canaries-finder.js";

export interface AskOptions {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string;
  /** `null`: none. */
  key?: string | null;
  headers?: Record<string, string>;
  /** Canaries that the answer may show. */
  shows?: readonly string[];
}

export class Caller {
  readonly answers: Haystack[] = [];

  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  /** @throws Error if the status is another one: what was not done has nothing to leak */
  async ask<Body = unknown>(status: number, method: string, path: string, options: AskOptions = {}): Promise<Body> {
    const { body, raw, key = this.key, headers = {}, shows } = options;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(sent !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await response.text();
    const place = `${method} ${path} (${response.status})`;
    this.answers.push({ place, text: `${JSON.stringify([...response.headers])}\n${text}`, shows });
    if (response.status !== status) throw new Error(`${place} instead of ${status}: ${text.slice(0, 600)}`);
    const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
    return (isJson ? JSON.parse(text) : null) as Body; // tests know what they asked for
  }
}
