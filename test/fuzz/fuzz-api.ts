/** The API under fire: one request, and what must hold after every one. */
import { Agent, request as httpRequest } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { expect } from "vitest";
import type { ApiDeps } from "../../api/deps.js";
import { encodeCursor } from "../../core/cursor.js";
import type { Application } from "../../core/model.js";
import { createAddressGuard } from "../../egress/address-guard.js";
import { customHeaderProblem } from "../../egress/custom-headers.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { startApi } from "../support/api-server.js";
import type { ApiServer } from "../support/api-server.js";
import type { MemoryPorts } from "../support/memory-ports.js";
import { until } from "../support/until.js";
import { expectErrorShape } from "./error-shape.js";
import { PLACES } from "./texts.js";

const ANSWER_MS_MAX = 20_000;
/** Rows of a kind before everything begins anew: lists stay short and so do the runs. */
const ROWS_MAX = 150;

export interface Shot {
  method: string;
  path: string;
  body?: string | Buffer | undefined;
  /** Of the body; JSON if absent. */
  type?: string | undefined;
  headers?: Readonly<Record<string, string | string[]>> | undefined;
}

export interface Hit {
  status: number;
  text: string;
}

/** Empties all stores but that of applications, and what the stand-ins of others have noted. */
export function forgetAll({ state, engine, headStarts, sender, lines }: MemoryPorts): void {
  const { endpoints, eventTypes, events, deliveries, attempts, apiKeys, audit } = state;
  for (const rows of [endpoints, eventTypes, events, deliveries, attempts, apiKeys, audit]) rows.clear();
  for (const list of [
    engine.operations,
    engine.dispatched,
    engine.commands,
    headStarts.begun,
    sender.requests,
    lines,
  ]) {
    list.length = 0;
  }
}

export class FuzzApi {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });
  /** Ids of the things that were made at the beginning. */
  #places = new Map<string, string>();

  private constructor(
    readonly api: ApiServer,
    private readonly application: Application,
  ) {}

  /** With one thing of each kind. */
  static async start(): Promise<FuzzApi> {
    const fuzz = await FuzzApi.#listening({});
    await fuzz.begin();
    return fuzz;
  }

  /** One that lets nobody in without a key and has nothing in it: for {@link send} only. */
  static startClosed(): Promise<FuzzApi> {
    return FuzzApi.#listening({ openAccess: "closed" });
  }

  /** With the rules of URLs and headers that the service has. */
  static async #listening(config: Partial<ApiDeps["config"]>): Promise<FuzzApi> {
    const api = await startApi({ settleMsMax: 100, ...config }, ({ deps }) => {
      deps.urlPolicy = createUrlPolicy({ guard: createAddressGuard(), ownUrl: "https://hooks.example.com/" });
      deps.customHeaderProblem = customHeaderProblem;
    });
    const [application] = api.state.applications.values();
    if (application === undefined) throw new Error("no default application");
    return new FuzzApi(api, application);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.api.close();
  }

  /** Ids of things that exist in the place of their names. */
  fill(text: string): string {
    return text.includes("@")
      ? PLACES.reduce((all, name) => all.replaceAll(name, this.#places.get(name) ?? ""), text)
      : text;
  }

  /** One request with everything that must hold after any. */
  async fire(shot: Shot): Promise<Hit> {
    await this.begin();
    const { api } = this;
    const before = this.#stored();
    const hit = await this.send(shot);
    expect(hit.status).toBeLessThan(500);
    expect(api.lines.filter((it) => it.level === "error")).toEqual([]);
    // A head beyond Node's bound never gets to us.
    if (hit.status === 431 && hit.text === "") return hit;
    if (hit.status >= 400) {
      expectErrorShape(shot, hit);
      // A command that could not be waited for is stored, as its answer says.
      if (!hit.text.includes("attempt_in_flight")) expect(this.#stored()).toEqual(before);
    }
    return hit;
  }

  /** A connection that was idle may be closed while it is used again; then the request goes over a new one. */
  async send(shot: Shot): Promise<Hit> {
    try {
      return await this.#exchange(shot);
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || error.code !== "ECONNRESET") throw error;
      return this.#exchange(shot);
    }
  }

  #exchange({ method, path, body, type = "application/json", headers: sent }: Shot): Promise<Hit> {
    const bytes = typeof body === "string" ? Buffer.from(this.fill(body)) : body;
    const headers = { ...sent, ...(bytes !== undefined && { "content-type": type, "content-length": bytes.length }) };
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        this.api.url,
        {
          method,
          path: wirePath(this.fill(path)),
          agent: this.#agent,
          headers,
          signal: AbortSignal.timeout(ANSWER_MS_MAX),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
          });
          response.on("error", reject);
        },
      );
      request.on("error", reject);
      request.end(bytes);
    });
  }

  /** Empties everything; the next request finds one thing of each kind again. */
  async forget(): Promise<void> {
    await turn();
    forgetAll(this.api);
  }

  /** Empties what has become long, and sees to it that there is one thing of each kind. */
  async begin(): Promise<void> {
    const { state, lines } = this.api;
    // Deliveries of the request before go on after its answer.
    await turn();
    lines.length = 0;
    if (state.audit.size > ROWS_MAX) state.audit.clear();
    const rows = [state.endpoints, state.eventTypes, state.events, state.deliveries, state.attempts];
    const known = [...rows, state.applications, state.apiKeys];
    const seeded = [...this.#places].filter(([name]) => name !== "@cursor@");
    const isWhole = seeded.length > 0 && seeded.every(([, id]) => known.some((it) => it.has(id)));
    if (isWhole && known.every((it) => it.size <= ROWS_MAX)) return;
    forgetAll(this.api);
    state.applications.clear();
    state.applications.set(this.application.id, { ...this.application });
    await this.#seed();
  }

  async #seed(): Promise<void> {
    const post = async (path: string, body: unknown) => {
      const { status, text } = await this.send({ method: "POST", path, body: JSON.stringify(body) });
      if (status >= 300)
        throw new Error(`seeding failed: ${path} ${status} ${text}`, { cause: this.api.lines.at(-1)?.cause });
    };
    await post("/v1/event-types", { name: "order.paid" });
    await post("/v1/endpoints", { url: "https://receiver.example.com/hook", uid: "hook" });
    await post("/v1/keys", { name: "fuzz" });
    await post("/v1/events", { eventType: "order.paid", payload: { n: 1 }, eventId: "first", channels: ["a"] });
    const { state } = this.api;
    await until("the seed is delivered", () => state.attempts.size > 0 && state.deliveries.size > 0);
    const firstOf = (rows: Map<string, unknown>) => [...rows.keys()][0] ?? "";
    const event = firstOf(state.events);
    this.#places = new Map([
      ["@application@", this.application.id],
      ["@endpoint@", firstOf(state.endpoints)],
      ["@event@", event],
      ["@delivery@", firstOf(state.deliveries)],
      ["@attempt@", firstOf(state.attempts)],
      ["@key@", firstOf(state.apiKeys)],
      ["@cursor@", encodeCursor({ order: "newest", after: event })],
    ]);
  }

  /** What a refused request leaves as it was: rows that others change in their own time count by number. */
  #stored(): unknown {
    const { state, engine } = this.api;
    return {
      applications: [...state.applications.values()],
      endpoints: [...state.endpoints.values()],
      eventTypes: [...state.eventTypes.values()],
      events: state.events.size,
      commands: engine.commands.length,
    };
  }
}

/** As Node's parser lets it pass: what is not ASCII, white space and control characters encoded. */
function wirePath(path: string): string {
  return Buffer.from(path)
    .toString("latin1")
    .replaceAll(/[\0-\x20\x7f-\xff#]/g, (it) => `%${it.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
