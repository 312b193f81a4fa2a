import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { URL_ROWS } from "./url-rows.js";

const NOT_PUBLIC = "The address is not a public one of another machine.";

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
    "http://[::1]:6379/",
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
    "http://localhost:22/",
    "http://127.0.0.1:6667/",
  ])("%s may still not be called", (url) => {
    expect(development.check(url).ok).toBe(false);
  });
});

describe("what the operator opens", () => {
  it.each([
    "http://receiver:9200/",
    "http://RECEIVER/",
    "http://hooks.corp/",
    "http://10.1.2.3:2375/",
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
    "http://receiver:25/",
    "http://10.1.2.3:22/",
  ])("does not include %s", (url) => {
    expect(onPremise.check(url).ok).toBe(false);
  });
});

describe("where only https is allowed", () => {
  const guard = createAddressGuard({ allow: ["receiver", "10.1.0.0/16"] });
  const policy = createUrlPolicy({ guard, httpsOnly: true });

  it("public hosts are called by name and over TLS", () => {
    expect(policy.check("https://hooks.acme.com/").ok).toBe(true);
    expect(policy.check("http://hooks.acme.com/").ok).toBe(false);
    expect(policy.check("https://8.8.8.8/").ok).toBe(false);
  });

  it("hosts that the operator opened need neither a name nor TLS", () => {
    for (const url of ["http://receiver/", "https://10.1.2.3/", "http://10.1.2.3/"])
      expect(policy.check(url)).toEqual({ ok: true });
  });

  it("is not where nothing was said about it", () => {
    for (const url of ["http://hooks.acme.com/", "https://8.8.8.8/", "http://8.8.8.8/"])
      expect(closed.check(url)).toEqual({ ok: true });
  });
});

describe("the ports of public hosts", () => {
  const policy = createUrlPolicy({ guard: createAddressGuard(), additionalPorts: [3000, 22] });

  it("are the usual ones and those that the operator adds", () => {
    for (const url of ["https://a.com/", "https://a.com:8443/", "http://a.com:80/", "http://a.com:3000/"])
      expect(policy.check(url)).toEqual({ ok: true });
    expect(policy.check("https://a.com:3001/")).toEqual({
      ok: false,
      problem: "The port 3001 is not allowed; allowed are 80, 443, 3000, 8080, 8443.",
    });
  });

  it("are never bad ports, whoever adds them", () => {
    expect(policy.check("https://a.com:22/").ok).toBe(false);
  });
});

describe("where callers reach this installation", () => {
  const at = (ownUrl: string, allow: string[] = []) =>
    createUrlPolicy({ guard: createAddressGuard({ allow }), ownUrl });

  it.each(["https://posthorn.acme.com/v1/events", "http://POSTHORN.acme.com./", "https://posthorn.acme.com:8443/x?y"])(
    "there is no receiver: %s",
    (url) => {
      expect(at("https://posthorn.acme.com").check(url).ok).toBe(false);
      expect(at("https://posthorn.acme.com/").check(url).ok).toBe(false);
    },
  );

  it("there are receivers beside it, when it has a path of its own", () => {
    const policy = at("https://acme.com/posthorn/");
    for (const url of ["https://acme.com/hooks", "https://acme.com/posthorns", "https://x.acme.com/posthorn/"])
      expect(policy.check(url)).toEqual({ ok: true });
    for (const url of ["https://acme.com/posthorn", "https://acme.com/posthorn/v1", "https://acme.com/a/../posthorn/"])
      expect(policy.check(url).ok).toBe(false);
  });

  it("there are receivers if the operator says so", () => {
    expect(at("https://acme.com", ["acme.com"]).check("https://acme.com/hooks")).toEqual({ ok: true });
  });
});
