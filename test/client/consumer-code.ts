/** What a user of the packed client might write. */
/** Calls that must compile. */
export const RIGHT = `
import { createPosthornClient, isPosthornClientError, PosthornClientError } from "@posthorn/client";
import type { InputOf, OutputOf, PosthornClient } from "@posthorn/client";
import { verifyMetriportWebhook, verifyWebhook, WebhookVerificationError } from "@posthorn/client/verify";

const client: PosthornClient = createPosthornClient({ url: "http://127.0.0.1:1", apiKey: "phk_x", fetch, retries: 0 });

export async function publish(): Promise<string> {
  const event = await client.events.publish.mutate({ eventType: "a.b", payload: { n: 1 } }, { signal: AbortSignal.timeout(1) });
  const id: string = event.id;
  const duplicate: boolean = event.duplicate;
  const page = await client.deliveries.list.query({ status: "failed", limit: 10 });
  const status: "pending" | "retrying" | "delivered" | "failed" | "cancelled" | "held" | undefined = page.data[0]?.status;
  const versions: { version: string } = await client.system.version.query();
  return [id, duplicate, status, versions.version].join();
}

export const input: InputOf<PosthornClient["endpoints"]["create"]> = { url: "https://example.com" };
export const output = (endpoint: OutputOf<PosthornClient["endpoints"]["get"]>): string => endpoint.url;
export const code = (error: unknown): string => (isPosthornClientError(error) && error.code === "store_unavailable" ? "later" : "no");
export const { id, timestamp, json } = (() => verifyWebhook)()({ payload: "", headers: {}, secrets: ["x"], now: new Date() });
export const pong = (payload: string): string | null => verifyMetriportWebhook({ payload, headers: {}, keys: ["x", "y"] }).ping;
export const classes = [PosthornClientError, WebhookVerificationError];
`;

/** Calls that must not, one in each line marked `// wrong`. */
export const WRONG = `
import { createPosthornClient } from "@posthorn/client";
import { verifyMetriportWebhook, verifyWebhook } from "@posthorn/client/verify";
const client = createPosthornClient({ url: "http://127.0.0.1:1" });
void client.events.publish.mutate({ payload: {} }); // wrong: no event type
void client.events.publish.mutate({ eventType: 7, payload: {} }); // wrong: its type
void client.events.publish.mutate({ eventType: "a", payload: {}, event_id: "x" }); // wrong: an unknown field
void client.events.publish.mutate(); // wrong: no input
void client.events.publish.query({ eventType: "a", payload: {} }); // wrong: not a query
void client.events.unpublish.mutate({ eventType: "a" }); // wrong: no such procedure
void client.deliveries.list.query({ status: "lost" }); // wrong: no such status
void client.events.get.query({ id: "a" }).then((event) => event.colour); // wrong: no such field of an answer
createPosthornClient({ apiKey: "phk_x" }); // wrong: no URL
verifyWebhook({ payload: {}, headers: {}, secret: "x" }); // wrong: not the raw body
verifyWebhook({ payload: "", headers: {} }); // wrong: no secret
verifyWebhook({ payload: "", headers: {}, secret: "x", secrets: ["y"] }); // wrong: two ways to say it
verifyMetriportWebhook({ payload: "", headers: {}, secret: "x" }); // wrong: it has keys
verifyMetriportWebhook({ payload: {}, headers: {}, keys: "x" }); // wrong: not the raw body
`;

/** As `Consumer.compile` names them. */
export const WRONG_LINES = WRONG.split("\n").flatMap((line, index) =>
  line.includes("// wrong") ? [`wrong.ts:${index + 1}`] : [],
);

/** Ways in which projects are set up. */
export const PROJECTS = [
  ["of tsc's defaults, in Node's resolution", { module: "NodeNext", types: [] }],
  ["for a bundler", { module: "ESNext", moduleResolution: "Bundler", lib: ["ES2023", "DOM"], types: [] }],
  [
    "with the types of Node and every strict option",
    {
      module: "NodeNext",
      lib: ["ES2023"],
      types: ["node"],
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
    },
  ],
] as const;
