import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { allowEntryProblem, createAddressGuard } from "../../egress/address-guard.js";
import { isPublicAddress } from "../../egress/public-address.js";

/** Starts of special ranges: addresses around them are where mistakes are. */
const EDGES_V4 = [
  "0.0.0.0 10.0.0.0 11.0.0.0 100.64.0.0 100.128.0.0 127.0.0.0 128.0.0.0 169.254.0.0 169.255.0.0 172.16.0.0 172.32.0.0",
  "192.0.0.0 192.0.1.0 192.0.2.0 192.0.3.0 192.31.196.0 192.52.193.0 192.88.99.0 192.168.0.0 192.169.0.0 192.175.48.0",
  "198.18.0.0 198.20.0.0 198.51.100.0 203.0.113.0 224.0.0.0 240.0.0.0",
]
  .join(" ")
  .split(" ");
const EDGES_V6 = [
  "0000 0064:ff9b 0100 2000 2001:0 2001:2 2001:10 2001:20 2001:1ff 2001:200 2001:db8 2001:db9 2002 2003 2620:4f:8000",
  "2620:4f:8001 3ffe 3fff 3fff:1000 4000 5f00 fc00 fe00 fe80 fec0 ff00",
]
  .join(" ")
  .split(" ");

const edgeV4 = fc.tuple(fc.constantFrom(...EDGES_V4), fc.integer({ min: -3, max: 3 })).map(([base, offset]) => {
  const number = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const near = (number + offset + 2 ** 32) % 2 ** 32;
  return [24, 16, 8, 0].map((shift) => Math.floor(near / 2 ** shift) % 256).join(".");
});
const edgeV6 = fc
  .tuple(fc.constantFrom(...EDGES_V6), fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 5, maxLength: 5 }))
  .map(([prefix, rest]) => [...prefix.split(":"), ...rest.map((it) => it.toString(16))].slice(0, 5).join(":") + "::1");

const v4 = fc.oneof(fc.ipV4(), edgeV4);
const v6 = fc.oneof(
  fc.ipV6(),
  edgeV6,
  fc.tuple(fc.integer({ min: 0x2000, max: 0x3fff }), fc.ipV6()).map(([first, it]) => {
    return [
      first.toString(16),
      ...ipaddr.IPv6.parse(it)
        .parts.slice(1)
        .map((part) => part.toString(16)),
    ].join(":");
  }),
);

/** Where ipaddr.js says "unicast" of what is not of the Internet. */
function isKnownGap(address: string): boolean {
  if (address === "168.63.129.16") return true;
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return false;
  return !parsed.match(ipaddr.IPv6.parseCIDR("2000::/3"));
}

describe("a public address", () => {
  it("is exactly one that ipaddr.js takes for unicast, apart from that library's known gaps", () => {
    fc.assert(
      fc.property(fc.oneof(v4, v6), (address) => {
        const expected = ipaddr.parse(address).range() === "unicast" && !isKnownGap(address);
        expect(isPublicAddress(address), address).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(["168.63.129.16", "::7f00:1", "4000::1", "100:0:0:1::1"])("is not %s, one of those gaps", (address) => {
    expect(ipaddr.parse(address).range()).toBe("unicast");
    expect(isKnownGap(address)).toBe(true);
    expect(isPublicAddress(address)).toBe(false);
  });

  it("never hides an IPv4 address in an IPv6 one", () => {
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.constantFrom("::ffff:", "::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"),
        (inner, prefix) => {
          expect(isPublicAddress(prefix + inner)).toBe(false);
        },
      ),
    );
  });

  it.each([
    "",
    "hooks.acme.com",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "8.8.8",
    "08.8.8.8",
    "8.8.8.8/32",
    "[2606:4700::1]",
    " 8.8.8.8",
  ])("is not %j", (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });

  it("is not Azure's host, which registries call public", () => {
    expect(isPublicAddress("168.63.129.16")).toBe(false);
    expect(isPublicAddress("168.63.129.17")).toBe(true);
  });
});

describe("the guard", () => {
  it("without options permits public addresses and nothing else", () => {
    const guard = createAddressGuard();
    fc.assert(
      fc.property(fc.oneof(v4, v6), (address) => {
        expect(guard.permits(address, "hooks.acme.com")).toBe(isPublicAddress(address));
      }),
    );
  });

  it("permits an opened range whatever name led there, and an opened name in whatever network it is", () => {
    const guard = createAddressGuard({ allow: ["10.1.0.0/16", "Receiver."] });
    expect(guard.permits("10.1.2.3", "hooks.acme.com")).toBe(true);
    expect(guard.permits("10.2.2.3", "hooks.acme.com")).toBe(false);
    expect(guard.permits("10.2.2.3", "RECEIVER")).toBe(true);
    expect(guard.permits("not an address", "receiver")).toBe(false);
  });

  it.each([
    ...["127.0.0.1", "::1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "168.63.129.16", "100.100.100.200"],
    ...["fd00:ec2::254", "fd20:ce::254", "224.0.0.1", "ff02::1", "255.255.255.255"],
    ...["::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254"],
  ])("does not permit %s for a name that the operator opened, but for a range", (address) => {
    expect(createAddressGuard({ allow: ["receiver"] }).permits(address, "receiver")).toBe(false);
    expect(createAddressGuard({ allow: ["receiver", address] }).permits(address, "receiver")).toBe(true);
  });

  it.each(["10.0.0.1", "172.18.0.5", "100.64.0.1", "fd00::1", "64:ff9b::93.184.216.34", "93.184.216.34"])(
    "permits %s for a name that the operator opened",
    (address) => {
      expect(createAddressGuard({ allow: ["receiver"] }).permits(address, "receiver")).toBe(true);
    },
  );

  it("does not open IPv4 addresses by ranges of mapped ones, nor the other way round", () => {
    const mapped = createAddressGuard({ allow: ["::ffff:0:0/96"] });
    expect(mapped.permits("10.0.0.1", "x")).toBe(false);
    const plain = createAddressGuard({ allow: ["10.0.0.0/8"] });
    expect(plain.permits("::ffff:10.0.0.1", "x")).toBe(false);
  });

  it("permits this machine only where loopback is allowed", () => {
    for (const address of ["127.0.0.1", "127.1.2.3", "::1"]) {
      expect(createAddressGuard().permits(address, "localhost")).toBe(false);
      expect(createAddressGuard({ allowLoopback: true }).permits(address, "localhost")).toBe(true);
    }
    expect(createAddressGuard({ allowLoopback: true }).permits("0.0.0.0", "localhost")).toBe(false);
  });
});

describe("an entry of the allow-list", () => {
  it.each(["receiver", "hooks.corp.example", "my_service", "10.0.0.0/8", "10.0.0.1", "fd00::/8", "::1", " receiver "])(
    "may be %j",
    (entry) => {
      expect(allowEntryProblem(entry)).toBeNull();
    },
  );

  it.each([
    "",
    "http://receiver",
    "receiver:8080",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0/8",
    "fd00::/129",
    "*.corp",
    "a..b",
    "-a",
    "a/b",
  ])("may not be %j", (entry) => {
    expect(allowEntryProblem(entry)).not.toBeNull();
    expect(() => createAddressGuard({ allow: [entry] })).toThrow();
  });
});
