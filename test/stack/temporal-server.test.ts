import { getPriority, platform } from "node:os";
import { Client, Connection } from "@temporalio/client";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { defaultCacheDir, startTemporal } from "../../runtime/stack/index.js";
import type { TemporalServer } from "../../runtime/stack/index.js";
import { nicenessOf } from "../support/niceness.js";
import { scratchFolder, until, useCleanup } from "./scratch.js";

const namespace = "posthorn-test";
const eventId = defineSearchAttributeKey("EventId", SearchAttributeType.KEYWORD_LIST);

describe("the embedded Temporal", () => {
  const cleanup = useCleanup();

  async function start(dataDir: string, more: { restart?: boolean; headless?: boolean } = {}): Promise<TemporalServer> {
    const temporal = await startTemporal({
      ...{
        dataDir,
        cacheDir: defaultCacheDir(),
        namespace,
        report: () => undefined,
        port: 0,
        uiPort: 0,
        headless: true,
        ...more,
      },
      searchAttributes: [
        { name: "EventId", type: "KeywordList" },
        { name: "EndpointId", type: "Keyword" },
      ],
    });
    cleanup(() => temporal.stop());
    return temporal;
  }

  async function clientOf(temporal: TemporalServer): Promise<Client> {
    const connection = await Connection.connect({ address: temporal.address });
    cleanup(() => connection.close());
    return new Client({ connection, namespace });
  }

  const nobody = { taskQueue: "nobody", workflowId: "waiting" };

  const reason = platform() === "linux" ? "" : " (skipped: read from /proc)";
  it.skipIf(reason !== "")(`leaves the processor to Posthorn's requests${reason}`, async () => {
    const temporal = await start(await scratchFolder(cleanup));
    expect(new Set(nicenessOf(temporal.server?.pid ?? -1))).toEqual(new Set([getPriority() + 5]));
  });

  it("still has its workflows, with search attributes longer than the default limit, after kill -9", async () => {
    const temporal = await start(await scratchFolder(cleanup));
    const ids = Array.from({ length: 200 }, (_, n) => `msg_${String(n).padStart(27, "0")}`);
    const typedSearchAttributes = [{ key: eventId, value: ids }];
    await (await clientOf(temporal)).workflow.start("anything", { ...nobody, typedSearchAttributes });
    await temporal.server?.kill("SIGKILL");
    await temporal.server?.start();
    const client = await clientOf(temporal);
    expect((await client.workflow.getHandle(nobody.workflowId).describe()).status.name).toBe("RUNNING");
    await until("it is found by the last event id", async () => {
      const found = await client.workflow.count(`EventId = "${ids.at(-1) ?? ""}"`);
      return found.count === 1;
    });
  });

  it("continues with its data in a new start on the same folder", async () => {
    const dataDir = await scratchFolder(cleanup);
    const first = await start(dataDir);
    await (await clientOf(first)).workflow.start("anything", nobody);
    await first.stop();
    const client = await clientOf(await start(dataDir));
    expect((await client.workflow.getHandle(nobody.workflowId).describe()).status.name).toBe("RUNNING");
  });

  it("comes back by itself after kill -9 when it is to be restarted", async () => {
    const temporal = await start(await scratchFolder(cleanup), { restart: true });
    const firstPid = temporal.server?.pid;
    await temporal.server?.kill("SIGKILL");
    await temporal.server?.started();
    expect(temporal.server?.pid).not.toBe(firstPid);
    await (await clientOf(temporal)).workflow.start("anything", nobody);
  });

  it("serves its Web UI on the loopback interface", async () => {
    const temporal = await start(await scratchFolder(cleanup), { headless: false });
    expect(temporal.uiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const page = await fetch(temporal.uiUrl ?? "");
    expect(page.status).toBe(200);
  });

  it("names all ports at which it takes commands over HTTP, so that they can be closed to webhooks", async () => {
    const temporal = await start(await scratchFolder(cleanup), { headless: false });
    const answers = await Promise.all(
      temporal.ports.map(async (port) => {
        const [api, metrics] = ["/api/v1/namespaces", "/metrics"].map(async (path) => {
          const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
          return response?.ok === true ? response.text() : "";
        });
        return {
          api: (await api)?.includes(namespace) === true,
          metrics: (await metrics)?.includes("# TYPE") === true,
        };
      }),
    );
    const gRpc = { api: false, metrics: false };
    expect(answers).toEqual([gRpc, { api: true, metrics: false }, { api: false, metrics: true }, expect.anything()]);
    const named = [temporal.address, temporal.uiUrl].map((it) => Number(it?.split(":").at(-1)));
    expect([temporal.ports[0], temporal.ports[3]]).toEqual(named);
  });
});
