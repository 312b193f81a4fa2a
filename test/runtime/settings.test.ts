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
