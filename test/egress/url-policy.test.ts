import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { URL_ROWS } from "./url-rows.js";

const NOT_PUBLIC = "The address is not a public one.";

const closed = createUrlPolicy({ guard: createAddressGuard() });
const development = createUrlPolicy({ guard: createAddressGuard({ allowLoopback: true }) });
const onPremise = createUrlPolicy({
  guard: createAddressGuard({ allow: ["receiver", "hooks.corp", "10.1.0.0/16", "fd00:1::/64", "192.168.7.7"] }),
});

describe("the URL of an endpoint", () => {
  it.each(URL_ROWS)("%j: %s", (url, verdict) => {
    const result = closed.check(url);
    expect(result.ok).toBe(verdict === "OK" || verdict === "R");
    if (!result.ok) expect(result.problem === NOT_PUBLIC).toBe(verdict === "A");
  });

  it("is denied with a sentence that does not repeat it", () => {
    for (const [url] of URL_ROWS) {
      const result = closed.check(url);
      if (!result.ok) expect(result.problem).toMatch(/^(?:The|This) .*\.$/);
    }
  });
});

describe("where loopback is allowed", () => {
  it.each([
    "http://localhost:3000/",
    "http://127.0.0.1:9200/x",
    "http://127.9.9.9/",
    "http://[::1]:22/",
    "http://LOCALHOST./",
  ])("%s may be called, at any port", (url) => {
    expect(development.check(url)).toEqual({ ok: true });
  });

  it.each([
    "http://10.0.0.1/",
    "http://foo.localhost/",
    "http://0.0.0.0/",
    "http://user@localhost/",
    "http://receiver/",
  ])("%s may still not be called", (url) => {
    expect(development.check(url).ok).toBe(false);
  });
});

describe("what the operator opens", () => {
  it.each([
    "http://receiver:9200/",
    "http://RECEIVER/",
    "http://hooks.corp/",
    "http://10.1.2.3:22/",
    "http://[fd00:1::5]/",
  ])("may be called at any port: %s", (url) => {
    expect(onPremise.check(url)).toEqual({ ok: true });
  });

  it.each([
    "http://other/",
    "http://x.hooks.corp/",
    "http://10.2.0.1/",
    "http://[fd00:2::5]/",
    "http://192.168.7.8/",
    "http://localhost/",
  ])("does not include %s", (url) => {
    expect(onPremise.check(url).ok).toBe(false);
  });
});

describe("where only https is allowed", () => {
  const policy = createUrlPolicy({ guard: createAddressGuard({ allow: ["receiver"] }), httpsOnly: true });

  it("public hosts are called by name and over TLS", () => {
    expect(policy.check("https://hooks.acme.com/").ok).toBe(true);
    expect(policy.check("http://hooks.acme.com/").ok).toBe(false);
    expect(policy.check("https://8.8.8.8/").ok).toBe(false);
  });

  it("hosts that the operator opened need no TLS", () => {
    expect(policy.check("http://receiver/").ok).toBe(true);
  });
});
