import type { LookupAddress } from "node:dns";
import { describe, expect, it } from "vitest";
import type { AddressGuardOptions } from "../../egress/address-guard.js";
import { createAddressGuard } from "../../egress/address-guard.js";
import { guardedLookup } from "../../egress/connector.js";
import type { FakeZone } from "./fake-names.js";
import { fakeNames, publicAddresses } from "./fake-names.js";

const PUBLIC = "93.184.215.14";

function lookupAll(zone: FakeZone, options: AddressGuardOptions = {}) {
  const names = fakeNames(zone, options);
  const lookup = guardedLookup({ guard: createAddressGuard(options), resolver: names.resolver });
  const ask = (host: string) =>
    new Promise<LookupAddress[]>((resolve, reject) => {
      lookup(host, { all: true }, (error, addresses) => {
        if (error !== null) reject(error);
        else resolve(addresses as LookupAddress[]);
      });
    });
  return { ask, names };
}

describe("what a name may lead to", () => {
  it.each([
    ["a private address", { v4: ["10.0.0.1"] }],
    ["this machine", { v4: ["127.0.0.1"] }],
    ["the metadata service of a cloud", { v4: ["169.254.169.254"] }],
    ["public and private addresses together", { v4: [PUBLIC, "10.0.0.1"] }],
    ["a public address and a private one of the other family", { v4: [PUBLIC], v6: ["fd00::1"] }],
    ["a public address and a private one in disguise", { v4: [PUBLIC], v6: ["::ffff:10.0.0.1"] }],
    ["a chain of aliases that ends at a private address", { v4: ["192.168.1.1"], v6: "ENODATA" }],
    ["what is no address", { v4: ["hooks.acme.com"] }],
    ["16 public addresses and a private one behind them", { v4: [...publicAddresses(16), "10.0.0.1"] }],
    ["16 public addresses and a private one of the other family", { v4: publicAddresses(16), v6: ["fd00::1"] }],
    ["255 public addresses and a private one behind them", { v4: [...publicAddresses(255), "10.0.0.1"] }],
  ])("is not %s", async (_, zone) => {
    const found = lookupAll(zone).ask("hooks.acme.com");
    await expect(found).rejects.toMatchObject({ outcome: "blocked.address", message: "destination not allowed" });
  });

  it("is public addresses, each with its family", async () => {
    expect(await lookupAll({ v4: [PUBLIC], v6: ["2606:4700:4700::1111"] }).ask("hooks.acme.com")).toEqual([
      { address: PUBLIC, family: 4 },
      { address: "2606:4700:4700::1111", family: 6 },
    ]);
  });

  it("is the first 16 public addresses of many, and none of thousands", async () => {
    const found = await lookupAll({ v4: publicAddresses(200) }).ask("hooks.acme.com");
    expect(found.map((it) => it.address)).toEqual(publicAddresses(16));
    const thousands = lookupAll({ v4: publicAddresses(5_000) }).ask("hooks.acme.com");
    await expect(thousands).rejects.toMatchObject({ outcome: "dns.failed" });
  });

  it("is what was checked: a name server that answers differently the next time is not asked in between", async () => {
    let asked = 0;
    const rebinding = () => (asked++ === 0 ? [PUBLIC] : ["127.0.0.1"]);
    const { ask, names } = lookupAll({ v4: rebinding });
    expect(await ask("rebind.acme.com")).toEqual([{ address: PUBLIC, family: 4 }]);
    expect(asked).toBe(1);
    names.passMs(60_000);
    await expect(ask("rebind.acme.com")).rejects.toMatchObject({ outcome: "blocked.address" });
  });

  it("is anything for a name that the operator opened", async () => {
    const { ask } = lookupAll({ lookup: ["172.18.0.5"] }, { allow: ["receiver"] });
    expect(await ask("receiver")).toEqual([{ address: "172.18.0.5", family: 4 }]);
  });

  it("is one address where the caller asks for one", async () => {
    const lookup = guardedLookup({ guard: createAddressGuard(), resolver: fakeNames({ v4: [PUBLIC] }).resolver });
    const found = await new Promise((resolve) => {
      lookup("hooks.acme.com", {}, (...answer) => resolve(answer));
    });
    expect(found).toEqual([null, PUBLIC, 4]);
  });
});
