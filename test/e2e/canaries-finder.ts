/** Finds planted texts wherever they have ended up, also in the disguises that texts take on their way. */
import { randomBytes } from "node:crypto";

/** Something that was written or answered, and where. */
export interface Haystack {
  place: string;
  text: string;
  /** Names of canaries that may be here. */
  shows?: readonly string[] | undefined;
}

export interface Finding {
  canary: string;
  place: string;
  form: string;
}

const TEXT_CHARS_MIN = 12;
const AROUND_CHARS = 60;

export class Canaries {
  readonly #texts = new Map<string, string[]>();

  /** A fresh text that nobody writes by chance. */
  plant(name: string): string {
    return this.watch(name, `canary-${name.replaceAll(" ", "-")}-${randomBytes(9).toString("hex")}`);
  }

  /** A text that exists already. */
  watch(name: string, text: string): string {
    if (text.length < TEXT_CHARS_MIN) throw new Error(`${name} is too short to be found for sure`);
    this.#texts.set(name, [...(this.#texts.get(name) ?? []), text]);
    return text;
  }

  /** Which canaries are where they may not be, as lines for people. */
  async findIn(haystacks: readonly Haystack[]): Promise<string[]> {
    const findings: string[] = [];
    for (const haystack of haystacks) {
      for (const { canary, form, place } of this.find(haystack)) {
        const at = haystack.text.toLowerCase().indexOf("canary");
        const around = at < 0 ? "" : haystack.text.slice(Math.max(0, at - AROUND_CHARS), at + AROUND_CHARS);
        findings.push(`${canary} (${form}) in ${place}: ${around}`);
      }
      // A megabyte of history must not hold up the receivers of this process.
      await new Promise(setImmediate);
    }
    return [...new Set(findings)];
  }

  find({ place, text, shows = [] }: Haystack): Finding[] {
    const layers = layersOf(text);
    const watched = [...this.#texts].filter(([name]) => !shows.includes(name));
    return watched.flatMap(([canary, texts]) => {
      const forms = texts.flatMap(formsOf);
      const found = forms.find((form) => layers.some((layer) => isIn(layer, form)));
      return found === undefined ? [] : [{ canary, place, form: found.name }];
    });
  }
}

interface Form {
  name: string;
  text: string;
  /** Whether upper and lower case are the same. */
  folded: boolean;
}

/** What a text looks like after a step that writes it differently. */
export function formsOf(text: string): Form[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((before) => base64Within(bytes, before));
  const folded = (name: string, form: string): Form => ({ name, text: form.toLowerCase(), folded: true });
  const exact = (name: string, form: string): Form => ({ name, text: form, folded: false });
  return [
    folded("plain", text),
    folded("hex", hex),
    folded("URL-encoded", encodeURIComponent(text)),
    folded("URL-encoded", hex.replaceAll(/../g, "%$&")),
    folded("JSON-escaped", JSON.stringify(text).slice(1, -1)),
    folded("JSON-escaped", hex.replaceAll(/../g, String.raw`\u00$&`)),
    ...base64.map((form) => exact("base64", form)),
    ...base64.map((form) => exact("base64url", form.replaceAll("+", "-").replaceAll("/", "_"))),
  ];
}

/** The part of base64 that does not depend on what stands before and after; `before`: bytes before, modulo 3. */
function base64Within(bytes: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const dependent = [0, 2, 3][before] ?? 0;
  const complete = Math.floor((whole.length * 8) / 6);
  return whole.toString("base64").slice(dependent, complete);
}

interface Layer {
  exact: string;
  folded: string;
}

/** A text as it is, and what comes out where somebody decodes it. */
function layersOf(text: string): Layer[] {
  const unescaped = withoutEscapes(text);
  const decoded = [text, unescaped].flatMap((it) => (it.match(/[\w+/-]{16,}/g) ?? []).map(fromBase64)).join("\n");
  const all = [text, unescaped, withoutEscapes(unescaped), withoutPercents(text), decoded, withoutEscapes(decoded)];
  return [...new Set(all)].map((exact) => ({ exact, folded: exact.toLowerCase() }));
}

function isIn({ exact, folded }: Layer, form: Form): boolean {
  return form.folded ? folded.includes(form.text) : exact.includes(form.text);
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-f]{4})|(["\\/]))/gi, (_whole, code: string | undefined, char: string) =>
    code === undefined ? char : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function withoutPercents(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Node takes both alphabets. */
function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
