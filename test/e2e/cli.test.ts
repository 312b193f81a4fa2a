import { beforeAll, expect, test } from "vitest";
import { Cli } from "../support/cli.js";
import { createEndpoint, publish } from "../support/e2e.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";
import type { Installation } from "../support/posthorn.js";

let installation: Installation;
beforeAll(async () => {
  installation = await newInstallation();
});

async function output(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; text: string }> {
  const cli = Cli.run(args, env);
  return { code: await cli.ended(), text: cli.output };
}

function withoutAdminKey(): Record<string, string> {
  return Object.fromEntries(Object.entries(installation.env).filter(([name]) => name !== "POSTHORN_ADMIN_KEY"));
}

test("a production process refuses to start while nobody could have a key, and starts with one from the store", async () => {
  const refused = await output(["start"], withoutAdminKey());
  expect(refused.code).toBe(1);
  expect(refused.text).toContain("posthorn keys create --admin");

  const created = await output(["keys", "create", "--admin", "--name", "first"], withoutAdminKey());
  const key = /phk_\S+/.exec(created.text)?.[0] ?? "";
  const posthorn = await Posthorn.start({ env: withoutAdminKey() });
  expect((await posthorn.call("GET", "/v1/applications", undefined, key)).status).toBe(200);
  expect((await posthorn.call("GET", "/v1/applications", undefined, null)).status).toBe(401);
  expect((await posthorn.call("GET", "/v1/applications", undefined, `${key}x`)).status).toBe(401);

  const listed = await output(["keys", "list"], withoutAdminKey());
  expect(listed.text).toContain(`…${key.slice(-4)}`);
  expect(listed.text).not.toContain(key);
  const id = /its id is (\S+)\./.exec(created.text)?.[1] ?? "";
  const audit = await posthorn.call("GET", "/v1/audit", undefined, key);
  expect(audit.body).toMatchObject({
    data: [{ keyId: "command-line", action: "keys.create", targetIds: [id], after: { name: "first" } }],
  });
  expect((await output(["keys", "revoke", id], withoutAdminKey())).code).toBe(0);
  await posthorn.stop();
});

test("pages may call the API whose origin the operator named, and a name that is no origin stops the start", async () => {
  const env = (origins: string) => ({ ...installation.env, POSTHORN_CORS_ORIGINS: origins });
  const wrong = await output(["start"], env("https://admin.example.com/"));
  expect(wrong.code).toBe(2);
  expect(wrong.text).toContain("POSTHORN_CORS_ORIGINS: an origin is scheme, host and port");
  expect(wrong.text).toContain("write https://admin.example.com");

  const posthorn = await Posthorn.start({ env: env("https://admin.example.com") });
  const asked = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  const allowed = async (origin: string) => {
    const headers = { ...asked, origin };
    const { status, headers: answered } = await fetch(`${posthorn.url}/v1/events`, { method: "OPTIONS", headers });
    return [status, answered.get("access-control-allow-origin")];
  };
  expect(await allowed("https://admin.example.com")).toEqual([204, "https://admin.example.com"]);
  expect(await allowed("https://evil.example")).toEqual([405, null]);
  await posthorn.stop();
});

test("a production process without its servers' addresses says which are missing", async () => {
  const refused = await output(["start"], {});
  expect(refused.code).toBe(1);
  expect(refused.text).toContain("MONGODB_URI and TEMPORAL_ADDRESS");
});

test("setup may be repeated, and doctor finds everything afterwards", async () => {
  expect((await output(["setup"], installation.env)).code).toBe(0);
  expect((await output(["setup"], installation.env)).text).toContain("search attributes are there");
  const doctor = await output(["doctor"], installation.env);
  expect(doctor.text).toContain("Everything answers.");
});

test("listen verifies what arrives and fails as often as it is told to", async () => {
  const posthorn = await Posthorn.start(installation);
  const probe = Cli.run(["listen", "0", "--fail", "1"]);
  const url = await probe.says(/listening on (\S+)/);
  const endpoint = await createEndpoint(posthorn, { url, retryPolicy: { scheduleSeconds: [1], jitter: 0 } });
  await publish(posthorn, { endpointIds: [endpoint.id] });
  await probe.says(/#1 .*answered 500/);
  await probe.says(/#2 .*answered 200/);
  await probe.stop();

  const { key } = await posthorn.ok<{ key: string }>("GET", `/v1/endpoints/${endpoint.id}/secret`);
  const port = new URL(url).port;
  const listener = Cli.run(["listen", port, "--secret", key]);
  await listener.says(/listening on/);
  await publish(posthorn, { endpointIds: [endpoint.id] });
  await listener.says(/answered 200.*signature verified/);
  await listener.stop();
  await posthorn.stop();
});

test("an unknown command or option is an error that shows the help", async () => {
  const wrong = await output(["begin"], {});
  expect(wrong.code).not.toBe(0);
  expect(wrong.text).toContain("Usage: posthorn");
});
