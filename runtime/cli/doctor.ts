/** `posthorn doctor`: what is there, what is missing, and how to get it. Changes nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { isPosthornError } from "../../core/errors.js";
import type { Config } from "../config.js";
import { createLog } from "../log.js";
import { describeSources } from "../stack/index.js";
import type { SourceReport } from "../stack/index.js";
import { temporalAccess } from "../temporal-settings.js";
import { TemporalLink } from "../temporal/link.js";
import { missingSearchAttributes } from "../temporal/setup.js";
import { VERSION } from "../version.js";
import { mongodbUriOf, openStore, temporalAddressOf } from "./connections.js";
import { encryptionKeysOf } from "./encryption-keys.js";
import { say } from "./print.js";
import { settings } from "./settings.js";

const CONNECT_TIMEOUT_MS = 4_000;

export async function doctor(): Promise<void> {
  const config = settings();
  say(`Posthorn ${VERSION}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`);
  say();
  say(styleText("bold", "Servers that answer now"));
  const found = [await checkMongo(config), await checkTemporal(config)];
  for (const it of found) row(it.ok, it.name, it.detail);
  const keys = await checkKeys(config);
  if (keys !== null) row(keys.ok, keys.name, keys.detail);
  say();
  say(styleText("bold", "Where servers can come from, in the order they are tried"));
  const sources = await describeSources({
    cacheDir: config.POSTHORN_CACHE_DIR,
    temporalAddress: config.TEMPORAL_ADDRESS ?? undefined,
    mongodbUri: config.MONGODB_URI ?? undefined,
  });
  for (const it of sources) row(it.available, `${it.server}: ${it.source}`, it.detail);
  say();
  for (const advice of adviceFor(sources)) say(advice);
  say(
    found.every((it) => it.ok)
      ? "Everything answers."
      : "What does not answer is started by posthorn dev, or named by MONGODB_URI and TEMPORAL_ADDRESS.",
  );
}

interface Check {
  ok: boolean;
  name: string;
  detail: string;
}

async function checkMongo(config: Config): Promise<Check> {
  const name =
    config.MONGODB_URI === null ? `MongoDB on port ${config.POSTHORN_MONGODB_PORT}` : "MongoDB at MONGODB_URI";
  const store = await openStore(mongodbUriOf(config));
  try {
    return { ok: true, name, detail: `version ${await store.serverVersion()}` };
  } catch (error) {
    return { ok: false, name, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await store.close();
  }
}

/** Whether everything that is sealed opens; `null` if MongoDB cannot be asked. */
async function checkKeys(config: Config): Promise<Check | null> {
  const name = "Encryption keys";
  const store = await openStore(mongodbUriOf(config));
  try {
    const [ring, { byKid, plain }] = [await encryptionKeysOf(config), await store.sealedValues.counts()];
    const missing = [...byKid.keys()].filter((kid) => ring?.keyOf(kid) === undefined);
    if (missing.length > 0) return { ok: false, name, detail: `values are sealed with ${missing.join(", ")}: not set` };
    if (ring === null) return { ok: false, name, detail: "none; posthorn secrets new-key makes one" };
    const rest = plain === 0 ? "" : `; ${plain} values are plain (posthorn secrets rotate)`;
    return { ok: true, name, detail: `${ring.activeKid} seals${rest}` };
  } catch (error) {
    if (isPosthornError(error)) return null;
    return { ok: false, name, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await store.close();
  }
}

async function checkTemporal(config: Config): Promise<Check> {
  const address = temporalAddressOf(config);
  const name = `Temporal at ${address}`;
  const log = createLog({ level: "silent", pretty: false });
  const access = temporalAccess(config);
  const link = new TemporalLink({ address, namespace: config.TEMPORAL_NAMESPACE, access, log });
  try {
    const connected = await Promise.race([link.whenConnected().then(() => true), sleep(CONNECT_TIMEOUT_MS, false)]);
    if (!connected) return { ok: false, name, detail: "does not answer" };
    const { serverVersion } = await link.call(CONNECT_TIMEOUT_MS, (it) => it.workflowService.getSystemInfo({}));
    const missing = await missingSearchAttributes(link);
    const detail = `version ${serverVersion}, namespace ${config.TEMPORAL_NAMESPACE}`;
    if (missing.length === 0) return { ok: true, name, detail };
    const names = missing.map((it) => it.name).join(", ");
    return { ok: false, name, detail: `${detail}; search attributes missing: ${names} (posthorn setup adds them)` };
  } catch (error) {
    return { ok: false, name, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await link.close();
  }
}

function row(ok: boolean, name: string, detail: string): void {
  say(`  ${ok ? styleText("green", "yes") : styleText("yellow", "no ")}  ${name.padEnd(34)} ${detail}`);
}

function adviceFor(sources: readonly SourceReport[]): string[] {
  const none = (server: SourceReport["server"]) => !sources.some((it) => it.server === server && it.available);
  return [
    ...(none("temporal")
      ? ["Temporal: install the Temporal CLI, or Go 1.26 to build it, or set TEMPORAL_ADDRESS."]
      : []),
    ...(none("mongodb")
      ? ["MongoDB: install mongod, or Java 17 with Maven for the stand-in, or set MONGODB_URI."]
      : []),
  ];
}
