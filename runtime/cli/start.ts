/** `posthorn start`: one production process on an external MongoDB and Temporal. */
import { setTimeout as sleep } from "node:timers/promises";
import { isPosthornError } from "../../core/errors.js";
import { BATCH_MAX_UNRAISED } from "../../core/workflow-contract.js";
import type { Config } from "../config.js";
import { egressOptions } from "../egress-settings.js";
import { createLog } from "../log.js";
import { startService } from "../service.js";
import type { Role } from "../service.js";
import { temporalAccess } from "../temporal-settings.js";
import { isPortTaken, metricsAddress, openStore, portTaken } from "./connections.js";
import { fail, say } from "./print.js";
import { settings } from "./settings.js";
import { untilSignal } from "./until-signal.js";

const STORE_PATIENCE_MS = 60_000;

export async function start(options: { role: Role }): Promise<void> {
  const config = settings();
  const {
    MONGODB_URI: mongodbUri,
    TEMPORAL_ADDRESS: temporalAddress,
    POSTHORN_ENCRYPTION_KEYS: encryptionKeys,
  } = config;
  if (mongodbUri === null || temporalAddress === null || encryptionKeys === null) {
    const required = ["MONGODB_URI", "TEMPORAL_ADDRESS", "POSTHORN_ENCRYPTION_KEYS"] as const;
    return fail([
      `posthorn start needs ${required.filter((name) => config[name] === null).join(" and ")}`,
      ...(encryptionKeys === null
        ? ["posthorn secrets new-key makes an encryption key; keep it: nothing opens without"]
        : []),
      "posthorn dev brings its own servers and key",
    ]);
  }
  const log = createLog({ level: config.POSTHORN_LOG_LEVEL, pretty: false });
  const stopped = untilSignal((signal) => log.info({ signal }, "posthorn.stopping"));
  await requireKey(config, mongodbUri);
  try {
    const service = await startService({
      role: options.role,
      mongodbUri,
      temporalAddress,
      temporalNamespace: config.TEMPORAL_NAMESPACE,
      temporalAccess: temporalAccess(config),
      temporalUiUrl: config.POSTHORN_TEMPORAL_UI_URL,
      host: config.POSTHORN_HOST,
      port: config.POSTHORN_PORT,
      closedPorts: [],
      metrics: metricsAddress(config),
      publicUrl: config.POSTHORN_PUBLIC_URL,
      adminKey: config.POSTHORN_ADMIN_KEY,
      trustedProxies: config.POSTHORN_TRUSTED_PROXIES,
      corsOrigins: config.POSTHORN_CORS_ORIGINS,
      encryptionKeys,
      openAccess: false,
      samplePayloads: "admins",
      egress: egressOptions(config, { allowLoopback: false }),
      bodyBytesMax: config.POSTHORN_BODY_BYTES_MAX,
      batchMax: config.POSTHORN_BATCH_MAX ?? BATCH_MAX_UNRAISED,
      log,
    });
    log.info({ role: options.role, url: service.url }, "posthorn.started");
    if (service.metricsUrl !== null) log.info({ url: service.metricsUrl }, "posthorn.metrics");
    await stopped;
    await service.stop();
    log.info({}, "posthorn.stopped");
  } catch (error) {
    if (isPortTaken(error)) fail(portTaken(error, config));
    throw error;
  }
}

/** An installation without any key would be one that nobody can use, or, worse, one that everybody can. */
async function requireKey(config: Config, mongodbUri: string): Promise<void> {
  const store = await openStore(mongodbUri);
  try {
    const deadlineMs = Date.now() + STORE_PATIENCE_MS;
    for (;;) {
      try {
        const keys = await store.apiKeys.list();
        if (config.POSTHORN_ADMIN_KEY !== null || keys.some((it) => it.revokedAt === null)) return;
        fail([
          "no API key exists, so nobody could call this installation",
          "make one: posthorn keys create --admin   (or set POSTHORN_ADMIN_KEY)",
        ]);
      } catch (error) {
        if (!isPosthornError(error) || Date.now() > deadlineMs) {
          fail(["MongoDB at MONGODB_URI does not answer", error instanceof Error ? error.message : String(error)]);
        }
        say("waiting for MongoDB");
        await sleep(2_000);
      }
    }
  } finally {
    await store.close();
  }
}
