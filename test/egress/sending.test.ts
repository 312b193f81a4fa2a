import type { Dispatcher } from "undici";
import { describe, expect, it } from "vitest";
import type { OriginPools } from "../../egress/origin-pools.js";
import { Destinations } from "../../egress/destinations.js";
import { Sending } from "../../egress/sending.js";
import { outgoing } from "./harness.js";

/** Sends into connections that all had been used before and end at once. */
async function sendIntoStaleConnections() {
  let dispatched = 0;
  const pools: Pick<OriginPools, "dispatch"> = {
    dispatch: (_origin: string, _request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => {
      dispatched += 1;
      const controller: Dispatcher.DispatchController = {
        aborted: false,
        paused: false,
        reason: null,
        abort: () => {},
        pause: () => {},
        resume: () => {},
      };
      handler.onResponseError?.(controller, Object.assign(new Error("read"), { code: "ECONNRESET" }));
    },
  };
  const sending = new Sending(
    {
      pools,
      connector: { endedUsedSocket: () => true },
      destinations: new Destinations({ check: () => ({ ok: true }) }, () => 0),
      clock: Date,
      agent: "Posthorn/0",
      bodyMsMax: 1_000,
      refusalMs: 0,
    },
    outgoing("https://hooks.acme.com/"),
  );
  return { result: await sending.run(), dispatched };
}

describe("a request over connections that have gone stale", () => {
  it("is repeated once and not again", async () => {
    const { result, dispatched } = await sendIntoStaleConnections();
    expect(result).toMatchObject({ outcome: "connect.reset", statusCode: null });
    expect(dispatched).toBe(2);
  });
});
