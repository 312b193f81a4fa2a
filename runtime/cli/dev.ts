/** `posthorn dev`: everything on this machine, with one command. */
import { styleText } from "node:util";
import { BATCH_MAX, BATCH_MAX_UNRAISED } from "../../core/workflow-contract.js";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.js";
import type { Config } from "../config.js";
import { egressOptions } from "../egress-settings.js";
import { createLog } from "../log.js";
import { startService } from "../service.js";
import type { Service } from "../service.js";
import { StackError, startStack } from "../stack/index.js";
import type { Stack } from "../stack/index.js";
import { temporalAccess } from "../temporal-settings.js";
import { waitUntilReady } from "../ready.js";
import { loadDefaultCatalogues } from "./catalog/load.js";
import { isPortFree, isPortTaken, metricsAddress, pingMongo, portTaken } from "./connections.js";
import { devEncryptionKeys } from "./encryption-keys.js";
import { fail, report, say } from "./print.js";
import { isLoopbackHost, settings } from "./settings.js";
import { untilSignal } from "./until-signal.js";

export async function dev(): Promise<void> {
  const config = settings();
  const log = createLog({ level: config.POSTHORN_LOG_LEVEL, pretty: true });
  const startup = { over: false };
  const stopped = untilSignal((signal) => {
    // What is half built is kept and continued at the next start; servers end with this process.
    if (!startup.over) process.exit(130);
    say(`${signal}: stopping, again to stop at once`);
  });
  if (!(await isPortFree(config.POSTHORN_HOST, config.POSTHORN_PORT))) fail(portTaken(null, config));
  const stack = await bringUp(config);
  let service: Service;
  try {
    service = await startService({
      role: "all",
      mongodbUri: stack.mongodbUri,
      temporalAddress: stack.temporalAddress,
      temporalNamespace: config.TEMPORAL_NAMESPACE,
      temporalAccess: temporalAccess(config),
      temporalUiUrl: config.POSTHORN_TEMPORAL_UI_URL ?? stack.temporalUiUrl ?? null,
      host: config.POSTHORN_HOST,
      port: config.POSTHORN_PORT,
      closedPorts: stack.temporal.ports,
      metrics: metricsAddress(config),
      publicUrl: config.POSTHORN_PUBLIC_URL,
      adminKey: config.POSTHORN_ADMIN_KEY,
      trustedProxies: config.POSTHORN_TRUSTED_PROXIES,
      corsOrigins: config.POSTHORN_CORS_ORIGINS,
      encryptionKeys: await devEncryptionKeys(config, stack.mongodbUri),
      openAccess: isLoopbackHost(config.POSTHORN_HOST),
      samplePayloads: "everybody",
      egress: egressOptions(config, { allowLoopback: true }),
      bodyBytesMax: config.POSTHORN_BODY_BYTES_MAX,
      batchMax: config.POSTHORN_BATCH_MAX ?? (config.TEMPORAL_ADDRESS === null ? BATCH_MAX : BATCH_MAX_UNRAISED),
      log,
    });
  } catch (error) {
    await stack.stop();
    if (isPortTaken(error)) fail(portTaken(error, config));
    if (error instanceof StackError) fail(error.message.split("\n"));
    throw error;
  }
  await Promise.all([waitUntilReady(service), loadDefaultCatalogues(service.store, log)]);
  startup.over = true;
  banner(service, stack, config);
  await stopped;
  await service.stop();
  await stack.stop();
}

async function bringUp(config: Config): Promise<Stack> {
  try {
    return await startStack({
      dataDir: config.POSTHORN_DATA_DIR,
      cacheDir: config.POSTHORN_CACHE_DIR,
      temporalPort: config.POSTHORN_TEMPORAL_PORT,
      temporalUiPort: config.POSTHORN_TEMPORAL_UI_PORT,
      mongodbPort: config.POSTHORN_MONGODB_PORT,
      temporalAddress: config.TEMPORAL_ADDRESS ?? undefined,
      temporalConnection: temporalAccess(config),
      temporalNamespace: config.TEMPORAL_NAMESPACE,
      mongodbUri: config.MONGODB_URI ?? undefined,
      pingMongo,
      searchAttributes: [...SEARCH_ATTRIBUTES],
      report,
      restart: true,
    });
  } catch (error) {
    if (error instanceof StackError) fail(error.message.split("\n"));
    throw error;
  }
}

function banner(service: Service, stack: Stack, config: Config): void {
  const row = (name: string, value: string) => say(`  ${name.padEnd(16)} ${styleText("cyan", value)}`);
  const { url } = service;
  say();
  say(styleText("bold", "Posthorn is ready"));
  row("API", `${url}/v1`);
  row("Documentation", `${url}/docs`);
  if (stack.temporalUiUrl !== undefined) row("Temporal Web UI", stack.temporalUiUrl);
  if (service.metricsUrl !== null) row("Metrics", `${service.metricsUrl}/metrics`);
  row("Data", config.POSTHORN_DATA_DIR);
  say(
    isLoopbackHost(config.POSTHORN_HOST)
      ? "  Requests from this machine need no key. Ctrl-C stops everything; the next start continues."
      : "  Requests need a key: npm run posthorn -- keys create --admin. Ctrl-C stops everything; the next start continues.",
  );
  say();
}
