import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FuzzApi } from "./fuzz-api.js";
import { hostileJson, objectOf, objectText } from "./json.js";
import { expectSameHeap, forCases, FUZZ_TIMEOUT, watchHeap } from "./running.js";
import { hostileName, hostileText, mutated } from "./texts.js";

let fuzz: FuzzApi;
beforeAll(async () => {
  fuzz = await FuzzApi.start();
  watchHeap(() => fuzz.forget());
});
afterAll(() => fuzz.close());

const quoted = (text: fc.Arbitrary<string>) => text.map((it) => JSON.stringify(it));
const listOf = (item: fc.Arbitrary<string>) => fc.array(item, { maxLength: 3 }).map((it) => `[${it.join(",")}]`);

const URLS = fc.constantFrom(
  "https://receiver.example.com/hook",
  "http://receiver.example.com:8080/a?b=c#d",
  "https://xn--bcher-kva.example.com/",
  "https://[2606:4700::1111]:8443/",
  "http://127.0.0.1/",
  "http://0x7f.1/",
  "http://[::ffff:10.0.0.1]/",
  "https://user:pass@receiver.example.com/",
);
const url = fc.oneof(URLS, mutated(URLS), mutated(mutated(URLS)), fc.webUrl(), hostileText);
const headerName = fc.oneof(fc.stringMatching(/^[A-Za-z-]{1,10}$/), hostileName);
const headers = fc
  .array(fc.tuple(headerName, fc.oneof(quoted(fc.string()), quoted(hostileText), hostileJson)), { maxLength: 3 })
  .map(objectText);
const SECRETS = fc.constantFrom("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
const secret = quoted(fc.oneof(SECRETS, mutated(SECRETS), fc.base64String(), hostileText));
const type = fc.oneof(fc.constantFrom("order.paid", "order.*"), mutated(fc.constant("order.*")), hostileText);
const seconds = fc.oneof(fc.integer({ min: 1, max: 86_400 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const retryPolicy = objectOf({
  scheduleSeconds: listOf(seconds.map(String)),
  jitter: fc.constantFrom("0", "0.2", "0.5", "0.51", "-1", "1e400"),
});
const metadata = fc.array(fc.tuple(hostileName, quoted(hostileText)), { maxLength: 3 }).map(objectText);
const fields = {
  url: quoted(URLS.filter((it) => it.includes("example.com"))),
  uid: quoted(fc.oneof(fc.stringMatching(/^[a-z]{8}$/), hostileText)),
  headers,
  metadata,
  eventTypes: listOf(quoted(type)),
  channels: listOf(quoted(fc.oneof(fc.constantFrom("a", "b"), hostileText))),
  retryPolicy,
  timeoutMs: fc.constantFrom("1000", "30000", "15000", "999", "1e9"),
  secret,
};
const oneField = fc.oneof(
  ...Object.entries(fields).map(([name, value]) =>
    value.map((it) =>
      objectText([
        ["url", '"https://receiver.example.com/"'],
        [name, it],
      ]),
    ),
  ),
);

test("whatever an endpoint is made of, it is made or refused in words", FUZZ_TIMEOUT, async () => {
  const statuses = new Set<number>();
  await forCases(1_200, fc.oneof(oneField, objectOf(fields), hostileJson), async (body) => {
    const { status } = await fuzz.fire({ method: "POST", path: "/v1/endpoints", body });
    statuses.add(status);
  });
  expect([...statuses]).toEqual(expect.arrayContaining([201, 400]));
});

test("whatever is called a URL is a public one or refused", FUZZ_TIMEOUT, async () => {
  await forCases(600, url, async (text) => {
    const body = JSON.stringify({ url: text });
    const { status, text: answer } = await fuzz.fire({ method: "POST", path: "/v1/endpoints", body });
    if (status !== 201) return;
    const { hostname, username } = new URL((JSON.parse(answer) as { url: string }).url); // the answer of a new endpoint
    expect(hostname).not.toMatch(/^(?:(?:127|10|0)(?:\.\d+){3}|localhost|\[::.*)$/);
    expect(username).toBe("");
  });
});

test("whatever an endpoint is changed to, it stays one that can be read and used", FUZZ_TIMEOUT, async () => {
  const some = fc
    .subarray(Object.entries(fields), { minLength: 1, maxLength: 2 })
    .chain((chosen) => objectOf(Object.fromEntries(chosen)));
  await forCases(600, some, async (body) => {
    await fuzz.fire({ method: "PATCH", path: "/v1/endpoints/@endpoint@", body });
    expect((await fuzz.fire({ method: "GET", path: "/v1/endpoints/@endpoint@" })).status).toBe(200);
  });
});

test("secrets are rotated to what is one", FUZZ_TIMEOUT, async () => {
  const rotation = objectOf({ key: secret, gracePeriodSeconds: fc.constantFrom("0", "604800", "604801", "1.5") });
  await forCases(300, rotation, async (body) => {
    await fuzz.fire({ method: "POST", path: "/v1/endpoints/@endpoint@/secret/rotate", body });
    expect((await fuzz.fire({ method: "GET", path: "/v1/endpoints/@endpoint@/secret" })).text).toMatch(/"whsec_/);
  });
});

test("nothing of all this is kept in memory", () => {
  expectSameHeap();
});
