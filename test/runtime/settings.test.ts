import { expect, test } from "vitest";
import { readConfig } from "../../runtime/config.js";

function problemsOf(env: Record<string, string>): string[] {
  const read = readConfig(env);
  return read.ok ? [] : read.problems;
}

test("an admin key that could be guessed is refused, with a way to make a better one and without the key", () => {
  const short = "a-key-of-23-characters!";
  expect(short).toHaveLength(23);
  expect(problemsOf({ POSTHORN_ADMIN_KEY: short })).toEqual([
    "POSTHORN_ADMIN_KEY: must have at least 24 characters; openssl rand -hex 24 makes one",
  ]);
  const read = readConfig({ POSTHORN_ADMIN_KEY: `${short}!` });
  expect(read.ok && read.config.POSTHORN_ADMIN_KEY?.reveal()).toBe(`${short}!`);
});

test("pages of no other site may call the API unless their origins are named", () => {
  const origins = (text: string) => {
    const read = readConfig({ POSTHORN_CORS_ORIGINS: text });
    return read.ok ? read.config.POSTHORN_CORS_ORIGINS : read.problems;
  };
  expect(origins("")).toEqual([]);
  const named = ["https://admin.example.com", "http://localhost:3000", "https://[2001:db8::1]:8443"];
  expect(origins(` ${named.join(" , ")},`)).toEqual(named);
  const many = Array.from({ length: 21 }, (_, index) => `https://${index}.example.com`);
  expect(origins(many.slice(1).join(","))).toEqual(many.slice(1));
  expect(origins(many.join(","))).toEqual([expect.stringContaining("has more than 20 entries")]);
});

test.each([
  ["*", "names no single site; write every origin"],
  ["https://*.example.com", "names no single site; write every origin"],
  ["null", "is no origin; write scheme, host and"],
  ["admin.example.com", "is no origin; write scheme, host and"],
  ["localhost:3000", "is no origin; write scheme, host and"],
  ["//admin.example.com", "is no origin; write scheme, host and"],
  ["file:///srv/admin.html", "is no origin; write scheme, host and"],
  ["https://admin.example.com/", "write https://admin.example.com"],
  ["https://admin.example.com/page?a#b", "write https://admin.example.com"],
  ["https://admin.example.com:443", "write https://admin.example.com"],
  ["http://admin.example.com:080", "write http://admin.example.com"],
  ["HTTPS://Admin.Example.com:8443", "write https://admin.example.com:8443"],
  ["https://bücher.example", "write https://xn--bcher-kva.example"],
])("an origin cannot be %s, and the problem says what to write", (entry, problem) => {
  const problems = problemsOf({ POSTHORN_CORS_ORIGINS: `https://a.example.com,${entry}` });
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(problems[0]).toMatch(/^POSTHORN_CORS_ORIGINS: /);
});

test("a password in an origin is refused and not repeated", () => {
  const problems = problemsOf({ POSTHORN_CORS_ORIGINS: "https://root:hunter2@admin.example.com" });
  expect(problems).toEqual([expect.stringMatching(/write https:\/\/admin\.example\.com$/)]);
  expect(problems[0]).not.toContain("hunter2");
});

test("an installation without an admin key is fine", () => {
  const read = readConfig({ POSTHORN_ADMIN_KEY: "" });
  expect(read.ok && read.config.POSTHORN_ADMIN_KEY).toBeNull();
});

test("trusted proxies are addresses and ranges, nobody unless they are named", () => {
  const trusted = (text: string) => {
    const read = readConfig({ POSTHORN_TRUSTED_PROXIES: text });
    return read.ok ? read.config.POSTHORN_TRUSTED_PROXIES : read.problems;
  };
  expect(trusted("")).toEqual([]);
  expect(trusted("10.0.0.0/8, 192.0.2.7 ,fd00::/8,::1")).toEqual(["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"]);
});

test.each([
  ["proxy.internal", "is neither an address nor a CIDR range"],
  ["true", "is neither an address nor a CIDR range"],
  ["1", "is neither an address nor a CIDR range"],
  ["10.0.0.0/8/8", "is neither an address nor a CIDR range"],
  ["fe80::1%eth0", "is neither an address nor a CIDR range"],
  ["10.0.0.0/33", "has no number of bits up to 32"],
  ["fd00::/129", "has no number of bits up to 128"],
  ["10.0.0.0/255.0.0.0", "has no number of bits up to 32"],
  ["0.0.0.0/0", "would trust everybody"],
  ["::/0", "would trust everybody"],
  ["::ffff:10.0.0.1", "write it as IPv4"],
])("a trusted proxy cannot be %s", (entry, problem) => {
  const problems = problemsOf({ POSTHORN_TRUSTED_PROXIES: `10.0.0.1,${entry}` });
  expect(problems).toEqual([expect.stringContaining(`"${entry}"`)]);
  expect(problems[0]).toContain(problem);
});
