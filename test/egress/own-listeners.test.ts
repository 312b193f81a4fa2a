import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { OwnListeners } from "../../egress/own-listeners.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { fakeNames } from "./fake-names.js";
import { outgoing, testReceiver, testSender } from "./harness.js";

const INTERFACE = "192.168.7.7";
/** As in `posthorn dev`, and then some: all that can be opened is. */
const guard = createAddressGuard({
  allowLoopback: true,
  allow: ["0.0.0.0/0", "::/0", "receiver.corp"],
  ownAddresses: (address) => address === INTERFACE,
});

function listeningAt(...ports: number[]): OwnListeners {
  const own = new OwnListeners((address) => address === INTERFACE);
  for (const port of ports) own.add(port);
  return own;
}

function allows(url: string, ownListeners: OwnListeners): boolean {
  return createUrlPolicy({ guard, ownListeners }).check(url).ok;
}

describe("a URL that leads to where the installation listens", () => {
  it.each([
    "http://127.0.0.1:8000/v1/keys",
    "http://127.9.9.9:8000/v1/keys",
    "http://localhost:8000/v1/keys",
    "http://LOCALHOST.:8000/v1/keys",
    "http://0.0.0.0:8000/v1/keys",
    "http://0:8000/v1/keys",
    "http://2130706433:8000/v1/keys",
    "http://0x7f.1:8000/v1/keys",
    "http://[::1]:8000/v1/keys",
    "http://[::]:8000/v1/keys",
    "http://[::ffff:127.0.0.1]:8000/v1/keys",
    "http://[::ffff:192.168.7.7]:8000/v1/keys",
    `http://${INTERFACE}:8000/v1/keys`,
    "https://127.0.0.1:8000/v1/keys",
  ])("is refused although everything is open: %s", (url) => {
    expect(createUrlPolicy({ guard, ownListeners: listeningAt(8000) }).check(url)).toEqual({
      ok: false,
      problem: "The URL leads to this installation itself.",
    });
    expect(allows(url, listeningAt(8001))).toBe(true);
  });

  it("is known by the scheme where it names no port", () => {
    expect(allows("http://127.0.0.1/", listeningAt(80))).toBe(false);
    expect(allows("https://127.0.0.1/", listeningAt(443))).toBe(false);
    expect(allows("http://127.0.0.1/", listeningAt(443))).toBe(true);
  });

  it("is not one of another machine at the same port", () => {
    expect(allows("http://192.168.7.8:8000/", listeningAt(8000))).toBe(true);
    expect(allows("http://93.184.216.34:8000/", listeningAt(8000))).toBe(true);
  });

  it("is refused from the moment on at which the port is known; 0 is none", () => {
    const own = listeningAt(0);
    expect(own.hasPort(0)).toBe(false);
    expect(allows("http://127.0.0.1:49152/", own)).toBe(true);
    own.add(49_152);
    expect(allows("http://127.0.0.1:49152/", own)).toBe(false);
  });

  it("is refused at the interfaces of the system where nobody says otherwise", () => {
    const own = new OwnListeners();
    const found = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((it) => it.address));
    expect(found.length).toBeGreaterThan(0);
    for (const address of found) expect(own.isThisMachine(address), address).toBe(true);
    for (const address of ["93.184.216.34", "", "localhost"]) expect(own.isThisMachine(address)).toBe(false);
  });
});

describe("a delivery to where the installation listens", () => {
  it.each(["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])("ends as blocked.url, by way of %s", async (host) => {
    const receiver = await testReceiver();
    const port = Number(new URL(receiver.url).port);
    const policy = (ownListeners?: OwnListeners) => createUrlPolicy({ guard, ...(ownListeners && { ownListeners }) });
    const result = await testSender({ guard, urlPolicy: policy(listeningAt(port)) }).send(
      outgoing(`http://${host}:${port}/`),
    );
    expect(result).toMatchObject({ outcome: "blocked.url", statusCode: null });
    expect(receiver.requests).toEqual([]);
  });

  it.each([
    ["a name that leads there", "hooks.acme.com"],
    ["a name that the operator opened", "receiver.corp"],
    ["the address itself", "127.0.0.1"],
  ])("ends as blocked.address by way of %s, and reaches another port", async (_way, host) => {
    const [own, other] = [await testReceiver(), await testReceiver()];
    const { resolver } = fakeNames({ v4: ["127.0.0.1"], lookup: ["127.0.0.1"] }, { allow: ["receiver.corp"] });
    const ownListeners = listeningAt(Number(new URL(own.url).port));
    // The policy knows of no listener: the connection has the last word.
    const sender = testSender({ guard, resolver, ownListeners, urlPolicy: { check: () => ({ ok: true }) } });
    const to = (url: string) => sender.send(outgoing(`http://${host}:${new URL(url).port}/`));
    expect(await to(own.url)).toMatchObject({ outcome: "blocked.address", statusCode: null });
    expect(await to(other.url)).toMatchObject({ outcome: "ok" });
    expect(own.requests).toEqual([]);
  });
});
