/** The receiver process. Arguments: the address to listen on and the header with the event's id. Ends with the run. */
import { once } from "node:events";
import type { Server } from "node:http";
import process from "node:process";
import { createControl } from "./control.js";
import { createHooks } from "./hooks.js";
import { Recorder } from "./recorder.js";

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a server on a port has an address");
  return address.port;
}

const [host = "127.0.0.1", idHeader = "webhook-id"] = process.argv.slice(2);
process.on("disconnect", () => process.exit());
const recorder = new Recorder();
const hooksPort = await listen(createHooks(recorder, idHeader.toLowerCase()), host);
const controlPort = await listen(createControl(recorder), "127.0.0.1");
process.send?.({ hooksPort, controlPort });
