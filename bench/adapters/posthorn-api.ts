/** Posthorn's REST API, as far as the benchmark uses it. */
import { z } from "zod";
import type { PublishPlan } from "../load/job.js";
import type { EndpointSpec, Payload, Tenant } from "./adapter.js";

const CALL_MS_MAX = 60_000;
const PAGE_ROWS_MAX = 250;

const created = z.object({ id: z.string() });
const page = z.object({ data: z.array(z.object({ id: z.string() })), nextCursor: z.string().nullable() });

export interface PosthornApi {
  url: string;
  /** An admin key. */
  key: string;
}

export async function call(api: PosthornApi, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${api.url}${path}`, {
    method,
    signal: AbortSignal.timeout(CALL_MS_MAX),
    headers: {
      authorization: `Bearer ${api.key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  const answer: unknown = text === "" ? null : JSON.parse(text);
  return answer;
}

/** An application of its own. */
export async function createPosthornTenant(api: PosthornApi): Promise<Tenant> {
  const { id: application } = created.parse(await call(api, "POST", "/v1/applications", { name: "benchmark" }));
  const query = `application=${application}`;
  const move = async (endpointId: string, action: "pause" | "resume"): Promise<void> => {
    await call(api, "POST", `/v1/endpoints/${endpointId}/${action}`, { application });
  };
  return {
    createEndpoint: async (spec) => {
      const body = { application, ...endpointFields(spec) };
      return created.parse(await call(api, "POST", "/v1/endpoints", body)).id;
    },
    deleteEndpoint: async (endpointId) => {
      await call(api, "DELETE", `/v1/endpoints/${endpointId}?${query}`);
    },
    plan: (topic, payload, eventsPerRequest) =>
      eventsPerRequest === 1
        ? planOfOne(api, application, topic, payload)
        : planOfMany({ api, application, topic, payload, eventsPerRequest }),
    pause: (endpointId) => move(endpointId, "pause"),
    resume: (endpointId) => move(endpointId, "resume"),
    countDelivered: (max) => countRows(api, `/v1/deliveries?${query}&status=delivered`, max),
    lists: (rows) =>
      [
        { name: "events", path: `/v1/events?${query}&limit=${rows}` },
        { name: "deliveries", path: `/v1/deliveries?${query}&limit=${rows}` },
        { name: "delivered deliveries", path: `/v1/deliveries?${query}&status=delivered&limit=${rows}` },
        { name: "failed deliveries", path: `/v1/deliveries?${query}&status=failed&limit=${rows}` },
      ].map(({ name, path }) => ({ name, read: () => readPage(api, path) })),
    delete: async () => {
      await call(api, "DELETE", `/v1/applications/${application}`);
    },
  };
}

function endpointFields({ url, topic, retrySeconds }: EndpointSpec): object {
  return {
    url,
    ...(topic === null ? {} : { eventTypes: [topic] }),
    ...(retrySeconds === null ? {} : { retryPolicy: { scheduleSeconds: retrySeconds } }),
  };
}

function headersOf(api: PosthornApi): Record<string, string> {
  return { authorization: `Bearer ${api.key}`, "content-type": "application/json" };
}

function planOfOne(api: PosthornApi, application: string, topic: string, payload: Payload): PublishPlan {
  return {
    url: `${api.url}/v1/events`,
    headers: headersOf(api),
    open: "",
    before: `{"application":"${application}","eventType":"${topic}","payload":${payload.before}`,
    after: `${payload.after}}`,
    close: "",
    eventsPerRequest: 1,
    ids: { list: null, id: "id" },
  };
}

interface Many {
  api: PosthornApi;
  application: string;
  topic: string;
  payload: Payload;
  eventsPerRequest: number;
}

function planOfMany({ api, application, topic, payload, eventsPerRequest }: Many): PublishPlan {
  return {
    url: `${api.url}/v1/events/batch`,
    headers: headersOf(api),
    open: `{"application":"${application}","events":[`,
    before: `{"eventType":"${topic}","payload":${payload.before}`,
    after: `${payload.after}}`,
    close: "]}",
    eventsPerRequest,
    ids: { list: "results", id: "id" },
  };
}

async function readPage(api: PosthornApi, path: string): Promise<void> {
  page.parse(await call(api, "GET", path));
}

async function countRows(api: PosthornApi, path: string, max: number): Promise<number> {
  let rows = 0;
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const read = page.parse(await call(api, "GET", `${path}&limit=${PAGE_ROWS_MAX}${from}`));
    rows += read.data.length;
    cursor = read.nextCursor;
  } while (cursor !== null && rows < max);
  return rows;
}
