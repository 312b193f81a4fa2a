import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { createHooks } from "../../bench/receiver/hooks.js";
import { Recorder } from "../../bench/receiver/recorder.js";

const recorder = new Recorder();
const server = createHooks(recorder, "webhook-id");

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("requests that hang end when their paths are forgotten, and those of other paths wait on", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server on a port has an address");
  const post = (path: string): Promise<string> =>
    fetch(`http://127.0.0.1:${address.port}${path}`, { method: "POST", body: "{}" }).then(
      () => "answered",
      () => "closed",
    );
  recorder.behave("/1/0", { hang: true });
  recorder.behave("/2/0", { hang: true });
  const [first, second] = [post("/1/0"), post("/2/0")];
  await expect.poll(() => recorder.counts("/").failed).toBe(2);

  recorder.forget("/1/");

  expect(await Promise.race([first, second.then(() => "the other path")])).toBe("closed");
  expect(await post("/1/0")).toBe("answered");
  expect(recorder.counts("/2/").failed).toBe(1);
  recorder.forget("/2/");
  expect(await second).toBe("closed");
});
