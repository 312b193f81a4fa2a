import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { ownAddresses } from "../../egress/own-addresses.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { fakeNames } from "./fake-names.js";
import { outgoing, testSender } from "./harness.js";

const OWN = "93.184.216.34";
const OWN_V6 = "2606:4700:4700::1111";
const OTHER = "93.184.216.35";
const machine = { eth0: [{ address: OWN }, { address: OWN_V6 }, { address: "fe80::1%eth0" }], gone: undefined };
const isOwn = ownAddresses({ interfaces: () => machine });

describe("the addresses of this machine", () => {
  it("are those of its interfaces, however they are written", () => {
    for (const address of [OWN, OWN_V6, "2606:4700:4700:0:0:0:0:1111"]) expect(isOwn(address)).toBe(true);
    for (const address of [OTHER, "2606:4700:4700::1112", "", "hooks.acme.com"]) expect(isOwn(address)).toBe(false);
  });

  it("are those of the system where nobody says otherwise", () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((it) => it.address));
    expect(own.length).toBeGreaterThan(0);
    for (const address of own.filter((it) => !it.includes("%"))) expect(ownAddresses()(address)).toBe(true);
  });

  it("are asked for again after 30 s, and not before", () => {
    let nowMs = 0;
    let asked = 0;
    let address = OWN;
    const own = ownAddresses({
      now: () => nowMs,
      interfaces: () => {
        asked += 1;
        return { eth0: [{ address }] };
      },
    });
    expect([own(OWN), own(OTHER)]).toEqual([true, false]);
    address = OTHER;
    nowMs = 29_999;
    expect([own(OWN), own(OTHER), asked]).toEqual([true, false, 1]);
    nowMs = 30_000;
    expect([own(OWN), own(OTHER), asked]).toEqual([false, true, 2]);
  });
});

describe("a delivery to this machine", () => {
  it("is not permitted, although the address is public", () => {
    const guard = createAddressGuard({ ownAddresses: isOwn });
    expect(guard.permits(OWN, "hooks.acme.com")).toBe(false);
    expect(guard.permits(OWN_V6, "hooks.acme.com")).toBe(false);
    expect(guard.permits(OTHER, "hooks.acme.com")).toBe(true);
    expect(createUrlPolicy({ guard }).check(`https://${OWN}/`).ok).toBe(false);
  });

  it("is permitted where the operator opened the address or the name", () => {
    const guard = createAddressGuard({ ownAddresses: isOwn, allow: [`${OWN}/32`, "me.acme.com"] });
    expect(guard.permits(OWN, "hooks.acme.com")).toBe(true);
    expect(guard.permits(OWN_V6, "hooks.acme.com")).toBe(false);
    expect(guard.permits(OWN_V6, "me.acme.com")).toBe(true);
  });

  it("ends as blocked.address before a connection is made, whatever else the name leads to", async () => {
    const guard = createAddressGuard({ ownAddresses: isOwn });
    const { resolver } = fakeNames({ v4: [OTHER, OWN] });
    const sender = testSender({ guard, resolver, urlPolicy: createUrlPolicy({ guard }) });
    const result = await sender.send(outgoing("https://hooks.acme.com/"));
    expect(result).toMatchObject({ outcome: "blocked.address", statusCode: null });
  });
});
