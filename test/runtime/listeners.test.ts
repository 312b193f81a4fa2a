import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAddressGuard } from "../../egress/address-guard.js";
import { OwnListeners } from "../../egress/own-listeners.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import { readConfig } from "../../runtime/config.js";
import { openListeners } from "../../runtime/listeners.js";
import type { ListenAddress, Listeners } from "../../runtime/listeners.js";
import { portsOfServers } from "../../runtime/server-ports.js";
import { createMemoryPorts } from "../support/memory-ports.js";

const ANY: ListenAddress = { host: "127.0.0.1", port: 0 };

interface Opened extends Listeners {
  ownListeners: OwnListeners;
}

async function open(options: { isApi?: boolean; metrics?: ListenAddress | null } = {}): Promise<Opened> {
  const { isApi = true, metrics = null } = options;
  const ownListeners = new OwnListeners();
  const listeners = await openListeners(createMemoryPorts().deps, { ...ANY, isApi, metrics, ownListeners });
  onTestFinished(() => listeners.close());
  return { ...listeners, ownListeners };
}

const statusOf = async (url: string | null) => (await fetch(url ?? "")).status;

describe("metrics", () => {
  it("are told on the port of the API where they have none of their own", async () => {
    const { url, metricsUrl } = await open();
    expect(metricsUrl).toBeNull();
    expect(await statusOf(`${url}/metrics`)).toBe(200);
  });

  it.each([true, false])(
    "with a port of their own are told there only, with the process's health (API: %s)",
    async (isApi) => {
      const { url, metricsUrl } = await open({ isApi, metrics: ANY });
      expect(await statusOf(`${url}/metrics`)).toBe(404);
      expect(await (await fetch(`${metricsUrl}/metrics`)).text()).toContain("posthorn_events_accepted_total");
      for (const at of [url, metricsUrl]) {
        expect(await statusOf(`${at}/healthz`)).toBe(200);
        expect(await statusOf(`${at}/readyz`)).toBe(200);
      }
      expect(await statusOf(`${metricsUrl}/v1/applications`)).toBe(404);
      expect(await statusOf(`${url}/v1/applications`)).toBe(isApi ? 200 : 404);
    },
  );

  it("on a port that is taken leave nothing open", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = taken.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server that listens has a port");
    await expect(open({ metrics: { host: "127.0.0.1", port: address.port } })).rejects.toMatchObject({
      code: "EADDRINUSE",
      port: address.port,
    });
  });

  it("have an own port only if one is set, and not that of the API", () => {
    const read = (env: Record<string, string>) => {
      const result = readConfig(env);
      if (!result.ok) return result.problems;
      return [result.config.POSTHORN_METRICS_PORT, result.config.POSTHORN_METRICS_HOST];
    };
    expect(read({})).toEqual([undefined, "127.0.0.1"]);
    expect(read({ POSTHORN_METRICS_PORT: "" })).toEqual([undefined, "127.0.0.1"]);
    expect(read({ POSTHORN_METRICS_PORT: "9464", POSTHORN_METRICS_HOST: "0.0.0.0" })).toEqual([9464, "0.0.0.0"]);
    expect(read({ POSTHORN_METRICS_PORT: "0", POSTHORN_PORT: "0" })).toEqual([0, "127.0.0.1"]);
    for (const env of [{ POSTHORN_METRICS_PORT: "8000" }, { POSTHORN_METRICS_PORT: "81", POSTHORN_PORT: "81" }]) {
      expect(read(env)).toEqual(["POSTHORN_METRICS_PORT: must be another port than POSTHORN_PORT"]);
    }
    expect(read({ POSTHORN_METRICS_PORT: "65536" })).toEqual([expect.stringContaining("POSTHORN_METRICS_PORT")]);
  });
});

describe("what a process listens at", () => {
  it("is no receiver, also where the system picked the port and loopback is open", async () => {
    const { url, metricsUrl, ownListeners } = await open({ metrics: ANY });
    const policy = createUrlPolicy({ guard: createAddressGuard({ allowLoopback: true }), ownListeners });
    for (const at of [url, metricsUrl]) {
      expect(policy.check(`${at}/v1/keys`)).toEqual({
        ok: false,
        problem: "The URL leads to this installation itself.",
      });
    }
    expect(policy.check("http://127.0.0.1:1234/").ok).toBe(true);
  });

  it.each([
    [
      { mongodbUri: "mongodb://127.0.0.1:27018/?directConnection=true", temporalAddress: "127.0.0.1:7234" },
      "http://127.0.0.1:8234",
      [27_018, 7_234, 8_234],
    ],
    [
      { mongodbUri: "mongodb://u:p:1@a,b:27019/db?replicaSet=rs", temporalAddress: "temporal" },
      null,
      [27_017, 27_019, 7_233],
    ],
    [
      { mongodbUri: "mongodb+srv://db.acme.com/x", temporalAddress: "[::1]:7235" },
      "https://ui.acme.com/",
      [27_017, 7_235],
    ],
    [{ mongodbUri: "mongodb://[::1]:27020", temporalAddress: "a:1" }, "http://a:8080/ui?x=:1", [27_020, 1, 8_080]],
  ])("goes with the ports of its servers: %j, %s", (servers, temporalUiUrl, ports) => {
    expect(portsOfServers({ ...servers, temporalUiUrl })).toEqual(ports);
  });
});
