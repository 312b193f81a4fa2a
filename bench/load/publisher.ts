/** One publish request: its body, its answer, and what came of it. */
import type { Dispatcher } from "undici";
import type { PublishPlan } from "./job.js";

const SEQUENCE_DIGITS = 10;
const TIMEOUT_MS = 60_000;
const BODY_SHOWN_CHARS = 160;

export interface Published {
  accepted: boolean;
  ids: string[];
  /** How many were refused, by reason. */
  refusals: Record<string, number>;
}

/** The body for the events from `sequence` on. */
export function bodyOf(plan: PublishPlan, sequence: number): string {
  const events: string[] = [];
  for (let at = 0; at < plan.eventsPerRequest; at += 1) {
    events.push(`${plan.before}${String(sequence + at).padStart(SEQUENCE_DIGITS, "0")}${plan.after}`);
  }
  return `${plan.open}${events.join(",")}${plan.close}`;
}

/** Never rejects: a failure is a refusal. */
export async function publish(pool: Dispatcher, plan: PublishPlan, body: string): Promise<Published> {
  const { origin, pathname, search } = new URL(plan.url);
  try {
    const answer = await pool.request({
      origin,
      path: pathname + search,
      method: "POST",
      headers: plan.headers,
      body,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 200 && answer.statusCode < 300) return readAnswer(plan, text);
    return refused(`${answer.statusCode} ${text.slice(0, BODY_SHOWN_CHARS)}`);
  } catch (error) {
    return refused(error instanceof Error && "code" in error ? String(error.code) : String(error));
  }
}

function refused(reason: string): Published {
  return { accepted: false, ids: [], refusals: { [reason]: 1 } };
}

/** The ids that an answer names. An entry without one is an event that was not accepted. */
export function readAnswer(plan: PublishPlan, text: string): Published {
  if (plan.ids === null) return { accepted: true, ids: [], refusals: {} };
  const answer = parseJson(text);
  const { list, id } = plan.ids;
  const entries = list === null ? [answer] : fieldOf(answer, list);
  if (!Array.isArray(entries)) return refused(`no list "${list ?? ""}" in the answer`);
  const published: Published = { accepted: true, ids: [], refusals: {} };
  for (const entry of entries as unknown[]) {
    const value = fieldOf(entry, id);
    if (typeof value === "string") published.ids.push(value);
    else {
      const reason = (entry === undefined ? text : JSON.stringify(entry)).slice(0, BODY_SHOWN_CHARS);
      published.refusals[reason] = (published.refusals[reason] ?? 0) + 1;
    }
  }
  return published;
}

/** `undefined`: it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}
