/** `posthorn setup`: indexes, search attributes and schedules on servers that exist. */
import { ensureBuiltInApplications } from "../built-in-applications.js";
import { createLog } from "../log.js";
import { temporalAccess } from "../temporal-settings.js";
import { TemporalLink } from "../temporal/link.js";
import { setUpNamespace } from "../temporal/setup.js";
import { mongodbUriOf, openStore, temporalAddressOf } from "./connections.js";
import { fail, say } from "./print.js";
import { settings } from "./settings.js";

const CONNECT_TIMEOUT_MS = 10_000;

export async function setup(): Promise<void> {
  const config = settings();
  const store = await openStore(mongodbUriOf(config));
  try {
    await store.ensureIndexes();
    const { default: application } = await ensureBuiltInApplications(store, new Date());
    say(`MongoDB: indexes are there, the default application is ${application.id}`);
  } finally {
    await store.close();
  }
  const address = temporalAddressOf(config);
  const link = new TemporalLink({
    address,
    namespace: config.TEMPORAL_NAMESPACE,
    access: temporalAccess(config),
    log: createLog({ level: "silent", pretty: false }),
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Temporal at ${address} does not answer`)), CONNECT_TIMEOUT_MS);
  });
  try {
    await Promise.race([link.whenConnected(), late]);
    const done = await setUpNamespace(link);
    say(
      `Temporal: ${done.attributesAdded.length === 0 ? "search attributes are there" : `added ${done.attributesAdded.join(", ")}`}, ` +
        `the sweep's schedule ${done.scheduleCreated ? "is created" : "is there"}`,
    );
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    await link.close();
  }
}
