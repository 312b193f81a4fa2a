import { describe, expect, it, vi } from "vitest";
import { fakeNames } from "./fake-names.js";

vi.setConfig({ testTimeout: 20_000 });

const PUBLIC = "93.184.215.14";
const PUBLIC_V6 = "2606:4700:4700::1111";

describe("the resolver", () => {
  it("gives the addresses of both families", async () => {
    const { resolver, questions } = fakeNames({ v4: [PUBLIC], v6: [PUBLIC_V6] });
    expect(await resolver.resolve("Hooks.Acme.com.")).toEqual([PUBLIC, PUBLIC_V6]);
    expect(questions.sort()).toEqual(["A hooks.acme.com", "AAAA hooks.acme.com"]);
  });

  it("is content with one family when the other fails, has nothing or never answers", async () => {
    for (const other of ["ENODATA", "ESERVFAIL", "ETIMEOUT", "never", []]) {
      expect(await fakeNames({ v4: [PUBLIC], v6: other }).resolver.resolve("a.com")).toEqual([PUBLIC]);
      expect(await fakeNames({ v4: other, v6: [PUBLIC_V6] }).resolver.resolve("a.com")).toEqual([PUBLIC_V6]);
    }
  });

  it.each([
    ["ENOTFOUND", "ENOTFOUND", "dns.not_found"],
    [[], [], "dns.not_found"],
    ["ENODATA", "ENOTFOUND", "dns.not_found"],
    ["ESERVFAIL", "ENODATA", "dns.failed"],
    ["ENODATA", "ESERVFAIL", "dns.failed"],
    ["ECONNREFUSED", "ECONNREFUSED", "dns.failed"],
    ["ETIMEOUT", "ETIMEOUT", "timeout.dns"],
    ["ENODATA", "ETIMEOUT", "timeout.dns"],
    ["never", "never", "timeout.dns"],
  ])("fails with A %j and AAAA %j as %s", async (v4, v6, outcome) => {
    await expect(fakeNames({ v4, v6 }).resolver.resolve("a.com")).rejects.toMatchObject({
      name: "EgressError",
      outcome,
    });
  });

  it("uses at most 16 addresses, and none of a name with hundreds", async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => `93.184.${Math.floor(at / 250)}.${at % 250}`);
    expect(await fakeNames({ v4: many(40) }).resolver.resolve("a.com")).toHaveLength(16);
    await expect(fakeNames({ v4: many(5_000) }).resolver.resolve("a.com")).rejects.toMatchObject({
      outcome: "dns.failed",
    });
  });

  it("asks once for questions that come together, and again when the answer is old", async () => {
    const names = fakeNames({ v4: [PUBLIC] });
    await Promise.all([names.resolver.resolve("a.com"), names.resolver.resolve("a.com")]);
    await names.resolver.resolve("A.com.");
    expect(names.questions).toHaveLength(2);
    names.passMs(10_000);
    await names.resolver.resolve("a.com");
    expect(names.questions).toHaveLength(4);
  });

  it("remembers failures too, for a shorter time", async () => {
    const names = fakeNames({ v4: "ENOTFOUND", v6: "ENOTFOUND" });
    await expect(names.resolver.resolve("a.com")).rejects.toThrow();
    await expect(names.resolver.resolve("a.com")).rejects.toThrow();
    expect(names.questions).toHaveLength(2);
    names.passMs(2_000);
    await expect(names.resolver.resolve("a.com")).rejects.toThrow();
    expect(names.questions).toHaveLength(4);
  });

  it("knows localhost itself, and only where loopback is allowed", async () => {
    const open = fakeNames({ v4: [PUBLIC] }, { allowLoopback: true });
    expect(await open.resolver.resolve("localhost.")).toEqual(["127.0.0.1", "::1"]);
    expect(open.questions).toEqual([]);
    expect(await fakeNames({ v4: [PUBLIC] }).resolver.resolve("localhost")).toEqual([PUBLIC]);
  });

  it("asks the operating system for names that the operator opened, and for no others", async () => {
    const names = fakeNames({ v4: [PUBLIC], lookup: ["172.18.0.5"] }, { allow: ["receiver"] });
    expect(await names.resolver.resolve("receiver")).toEqual(["172.18.0.5"]);
    expect(names.questions).toEqual(["lookup receiver"]);
    expect(await names.resolver.resolve("other")).toEqual([PUBLIC]);
  });
});
