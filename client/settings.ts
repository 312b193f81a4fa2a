/** How to reach a Posthorn. */
export interface PosthornClientOptions {
  /** Base URL of the API, such as `https://posthorn.example.com`, with a path if a proxy adds one. */
  url: string | URL;
  /** `phk_…`. May be left out for a `posthorn dev` on the same machine. */
  apiKey?: string | undefined;
  /** What sends the requests. @default the global `fetch` */
  fetch?: typeof fetch | undefined;
  /**
   * How often a call is repeated after the first failure, where that is safe.
   * @default 4
   * @minimum 0
   */
  retries?: number | undefined;
  /**
   * For one request, in ms, from the connection to the last byte. Commands such as `deliveries.resend` wait for an
   * attempt that is on its way, hence the length.
   * @default 60000
   * @minimum 1
   */
  timeoutMs?: number | undefined;
}

export interface Settings {
  /** Where tRPC listens. */
  url: string;
  headers: Record<string, string>;
  fetch: typeof fetch;
  retries: number;
  timeoutMs: number;
}

const RETRIES = 4;
const TIMEOUT_MS = 60_000;

/** @throws TypeError for options that no call could succeed with; it does not show the key */
export function settingsOf(options: PosthornClientOptions): Settings {
  const { apiKey, retries = RETRIES, timeoutMs = TIMEOUT_MS } = options;
  if (!Number.isInteger(retries) || retries < 0) throw new TypeError("retries must be a whole number from 0");
  // The timers of every runtime end at 2^31 ms.
  if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31)) throw new TypeError("timeoutMs must be a number from 1 to 2147483647");
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError("apiKey must be printable ASCII without spaces");
  }
  return {
    url: trpcUrl(options.url),
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    // Looked up at each call, so that a test may replace the global one.
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    retries,
    timeoutMs,
  };
}

function trpcUrl(base: string | URL): string {
  const url = URL.canParse(String(base)) ? new URL(base) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new TypeError("url must be an http or https URL, such as http://127.0.0.1:8000");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}/trpc`;
}
