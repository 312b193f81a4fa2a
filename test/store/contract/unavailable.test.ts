import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect } from "node:net";
import { MongoClient } from "mongodb";
import { afterAll, afterEach, expect, test } from "vitest";
import { connectStore } from "../../../store/connect.js";
import type { Store } from "../../../store/connect.js";
import { mongoUriForTests } from "../../support/mongo.js";
import { TEST_KEYS } from "../../support/key-ring.js";
import { TestClock, testIds } from "../clock.js";
import { attempted, EVERY_ATTEMPT, EVERY_DELIVERY, EVERY_EVENT, samplesOf } from "../samples.js";

const clock = new TestClock();
const ids = testIds(clock);
const samples = samplesOf(ids, clock);
const applicationId = ids.next("application");
const databaseName = `test-${randomUUID()}`;
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

afterAll(async () => {
  const { uri } = await mongoUriForTests();
  const client = new MongoClient(uri);
  await client.db(databaseName).dropDatabase();
  await client.close();
});

async function open(uri: string): Promise<Store> {
  const store = await connectStore({ uri, databaseName, encryptionKeys: TEST_KEYS, ids, clock });
  closers.push(() => store.close());
  return store;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // A TCP server's address is always this one.
}

/** One call of every kind there is. */
function calls(store: Store): Record<string, () => Promise<unknown>> {
  const page = { limit: 10, order: "newest", after: null } as const;
  const delivery = attempted(samples.delivery(), 1);
  return {
    ping: () => store.ping(),
    ensureIndexes: () => store.ensureIndexes(),
    ensureDefaultApplication: () => store.ensureDefaultApplication(),
    insertApplication: () => store.applications.insert(samples.application()),
    updateApplication: () => store.applications.update(applicationId, { name: "x" }),
    deleteApplication: () => store.applications.delete(applicationId),
    insertEndpoint: () => store.endpoints.insert(samples.endpoint()),
    directory: () => store.directory.of(applicationId),
    eventTypes: () => store.eventTypes.list(applicationId, page, { includeArchived: true }),
    insertEvent: () => store.events.insert(samples.event()),
    findEvent: () => store.events.find(applicationId, "x"),
    listEvents: () => store.events.list(applicationId, EVERY_EVENT, page),
    setState: () => store.events.setState([ids.next("event")], ["accepted"], "dispatched"),
    lease: () => store.events.lease([ids.next("event")], "me", clock.at()),
    undispatched: () => store.events.undispatched(clock.at(), 10),
    listDeliveries: () => store.deliveries.list(applicationId, EVERY_DELIVERY, page),
    insertNew: () => store.deliveries.insertNew([delivery]),
    record: () => store.deliveries.record({ delivery, attempt: samples.attempt(delivery) }),
    takeOver: () => store.deliveries.takeOver([delivery.id], null, "me"),
    countByStatus: () => store.deliveries.countByStatus({ eventId: delivery.eventId }),
    listAttempts: () => store.attempts.list(applicationId, EVERY_ATTEMPT, page),
    apiKey: () => store.apiKeys.find("x"),
    touchApiKey: () => store.apiKeys.touch("x", clock.at()),
    audit: () => store.audit.list({ applicationId: null, action: null, keyId: null, from: null, until: null }, page),
  };
}

async function expectUnavailable(store: Store): Promise<void> {
  const started = performance.now();
  const outcomes = await Promise.all(
    Object.entries(calls(store)).map(async ([name, call]) => {
      const code = await call().then(
        () => "answered",
        (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
      );
      return { name, code };
    }),
  );
  expect(outcomes.filter((it) => it.code !== "store_unavailable")).toEqual([]);
  expect(performance.now() - started).toBeLessThan(5_000);
}

test("with nothing listening every call answers store_unavailable within 5 s", async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  await expectUnavailable(await open(`mongodb://127.0.0.1:${port}`));
});

test("with a server that accepts connections and says nothing every call answers store_unavailable within 5 s", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  const port = await listen(server);
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  await expectUnavailable(await open(`mongodb://127.0.0.1:${port}`));
});

/** A way to the real server that can be frozen or cut, and opened again. */
class Way {
  private frozen = false;
  private readonly sockets = new Set<Socket>();
  readonly server = createServer((near) => {
    const { hostname, port } = new URL(this.target);
    const far = connect(Number(port || 27_017), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.on("data", (bytes) => {
        if (!this.frozen) to.write(bytes);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  });

  constructor(private readonly target: string) {}

  freeze(): void {
    this.frozen = true;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  thaw(): void {
    this.frozen = false;
    this.cut();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }
}

test("a server that falls silent in the middle is unavailable within 5 s, and used again when it is back", async () => {
  const { uri } = await mongoUriForTests();
  const way = new Way(uri);
  const port = await listen(way.server);
  closers.push(() => way.close());
  const store = await open(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  const event = samples.event({ eventId: `silent ${ids.next("event")}` });
  await store.ping();

  way.freeze();
  await expectUnavailable(store);
  await expect(store.events.insert(event)).rejects.toMatchObject({ code: "store_unavailable" });

  way.thaw();
  const answer = await untilAnswered(() => store.events.insert(event));
  expect(["inserted", "duplicate"]).toContain(answer.kind);
  expect((await store.events.find(event.applicationId, event.eventId ?? ""))?.id).toBe(event.id);
});

test("connections that are cut cost their calls, not the next ones", async () => {
  const { uri } = await mongoUriForTests();
  const way = new Way(uri);
  const port = await listen(way.server);
  closers.push(() => way.close());
  const store = await open(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  await store.ping();
  way.cut();
  const event = samples.event();
  const answer = await untilAnswered(() => store.events.insert(event));
  expect(["inserted", "duplicate"]).toContain(answer.kind);
});

/** Repeats as a publisher would: on `store_unavailable`, and on nothing else. */
async function untilAnswered<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      expect(error).toMatchObject({ code: "store_unavailable" });
      if (performance.now() > deadline) throw error;
    }
  }
}
