import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createResolver, systemQueries } from "../../egress/resolver.js";
import { fakeNames, publicAddresses } from "./fake-names.js";

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

  it("gives all addresses, so that each can be checked, and none of a name with more than 256", async () => {
    const v4 = publicAddresses(255);
    expect(await fakeNames({ v4, v6: [PUBLIC_V6] }).resolver.resolve("a.com")).toEqual([...v4, PUBLIC_V6]);
    for (const count of [256, 5_000]) {
      const { resolver } = fakeNames({ v4: publicAddresses(count), v6: [PUBLIC_V6] });
      await expect(resolver.resolve("a.com")).rejects.toMatchObject({ outcome: "dns.failed" });
    }
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

/** Types of questions (RFC 1035, 3.2.2; RFC 3596, 2.1). */
const A = 1;
const AAAA = 28;

/** The type of a question; it is behind the name, which ends with a zero. */
function typeOf(question: Buffer): number {
  return question.readUInt16BE(question.indexOf(0, 12) + 1);
}

/** The answer to a question: it has no address, or this one. */
function answerTo(question: Buffer, address: readonly number[]): Buffer {
  const asked = question.subarray(12, question.indexOf(0, 12) + 5);
  const counts = [0, 1, 0, address.length > 0 ? 1 : 0, 0, 0, 0, 0];
  const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, ...counts]);
  const record = address.length > 0 ? [0xc0, 0x0c, 0, A, 0, 1, 0, 0, 0, 60, 0, address.length, ...address] : [];
  return Buffer.concat([head, asked, Buffer.from(record)]);
}

/** A name server on 127.0.0.1 that loses questions as long as `loses` says so, and knows one IPv4 address. */
async function lossyNameServer(loses: (timesAsked: number) => boolean) {
  const asked: number[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (question, { port, address }) => {
    const type = typeOf(question);
    asked.push(type);
    if (loses(asked.filter((it) => it === type).length)) return;
    socket.send(answerTo(question, type === A ? [93, 184, 215, 14] : []), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  const queries = systemQueries([`127.0.0.1:${socket.address().port}`]);
  return { asked, queries, resolver: createResolver({ guard: createAddressGuard(), queries }) };
}

describe("a name server", () => {
  it("that loses a question is asked once more, and its answer counts", async () => {
    const { asked, resolver } = await lossyNameServer((times) => times === 1);
    expect(await resolver.resolve("hooks.acme.com")).toEqual([PUBLIC]);
    expect(asked.filter((it) => it === A)).toHaveLength(2);
  });

  it("that never answers is asked twice and then given up", async () => {
    const { asked, queries } = await lossyNameServer(() => true);
    await expect(queries.resolve6("hooks.acme.com")).rejects.toMatchObject({ code: "ETIMEOUT" });
    expect(asked).toEqual([AAAA, AAAA]);
  });
});
