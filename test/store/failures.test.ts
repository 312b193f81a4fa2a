import { once } from "node:events";
import { connect, createServer } from "node:net";
import { MongoWriteConcernError } from "mongodb";
import { expect, it, onTestFinished } from "vitest";
import { withinDeadline } from "../../store/failures.js";

it("a connection that the server has ended just before it is written to means that the store is away", async () => {
  const server = createServer((socket) => socket.end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const socket = connect({ port: address.port, host: "127.0.0.1" });
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  socket.resume();
  await once(socket, "end");

  const write = new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.write("x", (error) => (error ? reject(error) : resolve(undefined)));
  });

  await expect(withinDeadline(write)).rejects.toMatchObject({ code: "store_unavailable" });
});

it("a write that a majority has not confirmed means that the store is away, whatever the reason", async () => {
  const result = { ok: 1, writeConcernError: { code: 75, errmsg: "no majority" } };
  const write = Promise.reject(new MongoWriteConcernError(result));
  await expect(withinDeadline(write)).rejects.toMatchObject({ code: "store_unavailable" });
});

it("any other failure stays what it is", async () => {
  const fault = new TypeError("a fault");
  await expect(withinDeadline(Promise.reject(fault))).rejects.toBe(fault);
});
