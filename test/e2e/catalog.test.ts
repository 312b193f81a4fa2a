import { expect, test } from "vitest";
import { Cli } from "../support/cli.js";
import { newInstallation, Posthorn } from "../support/posthorn.js";

test("a catalogue is loaded by name into an application, and a repeat changes nothing", async () => {
  const installation = await newInstallation();
  const catalog = async (...args: string[]) => {
    const cli = Cli.run(["catalog", ...args], installation.env);
    return { code: await cli.ended(), text: cli.output };
  };
  const listed = await catalog("list");
  expect(listed.text).toMatch(/^open-wearables {2}115 event types$/m);
  expect(listed.text).toMatch(/^metriport {2}14 event types$/m);

  const loaded = await catalog("load", "open-wearables");
  expect(loaded.text).toMatch(/115 created, 0 updated, 0 left as they are/);
  expect(loaded.code).toBe(0);
  const posthorn = await Posthorn.start(installation);
  const path = "/v1/event-types/series.heart_rate.created";
  expect(await posthorn.ok("GET", path)).toMatchObject({ group: "heart_rate.created", archived: false });
  await posthorn.ok("PATCH", path, { description: "ours" });

  expect((await catalog("load", "open-wearables")).text).toMatch(/0 created, 0 updated, 115 left as they are/);
  expect(await posthorn.ok("GET", path)).toMatchObject({ description: "ours" });
  expect((await catalog("load", "open-wearables", "--replace")).text).toMatch(/0 created, 1 updated, 114 left/);
  expect(await posthorn.ok("GET", path)).not.toMatchObject({ description: "ours" });
  const who = { keyId: "command-line", targetIds: ["open-wearables"], before: null };
  expect(await posthorn.ok("GET", "/v1/audit?action=catalog.load&order=oldest")).toMatchObject({
    data: [
      { ...who, after: { replace: false, created: 115, updated: 0 } },
      { ...who, after: { replace: false, created: 0, updated: 0 } },
      { ...who, after: { replace: true, created: 0, updated: 1 } },
    ],
  });
  await posthorn.stop();

  const unknown = await catalog("load", "open-wearables", "--application", "nobody");
  expect(unknown.text).toContain('no application has the id or uid "nobody"');
  expect(unknown.code).toBe(1);
  const misspelt = await catalog("load", "open-wearable");
  expect(misspelt.text).toContain("open-wearables");
  expect(misspelt.code).not.toBe(0);
});
