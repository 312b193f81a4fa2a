/** The thread that speaks with Temporal; `temporal-thread.ts` starts it, `thread-contract.ts` says what it is asked. */
import { parentPort, workerData } from "node:worker_threads";
import { createBirpc } from "birpc";
import { createActivities } from "../../activities/create-activities.js";
import type { Log } from "../../core/ports.js";
import { workInBackground } from "../niceness.js";
import { carry, packError, unpackError } from "./carried-errors.js";
import { createEngine } from "./engine.js";
import { TemporalLink } from "./link.js";
import { prepareNamespace } from "./prepare-namespace.js";
import { STOP } from "./thread-contract.js";
import type { ProcessCalls, ThreadCalls, ThreadSettings } from "./thread-contract.js";
import { installTemporalLog, workflowBundle, WorkerRunner } from "./worker.js";
import { createStarter } from "./workflow-starter.js";

const port = parentPort;
if (port === null) throw new Error("this file is a thread of Posthorn and no program");
// As temporal-thread.ts has given it.
const { isWorker, access, ...where } = workerData as ThreadSettings;

workInBackground();

const log: Log = {
  debug: (fields, message) => void calls.log.asEvent("debug", fields, message),
  info: (fields, message) => void calls.log.asEvent("info", fields, message),
  warn: (fields, message) => void calls.log.asEvent("warn", fields, message),
  error: (fields, message, cause) =>
    void calls.log.asEvent("error", fields, message, cause === undefined ? undefined : carry(cause)),
};
installTemporalLog(log);
const link = new TemporalLink({ ...where, access: withBuffers(access), log });
const setUp = prepareNamespace(link, log);
let worker: WorkerRunner | null = null;

const calls = createBirpc<ProcessCalls, ThreadCalls>(
  {
    ...createEngine(link),
    start: createStarter({ link, eager: isWorker }),
    serve: () => void serve(),
  },
  {
    post: (message) => port.postMessage(message),
    on: (listener) =>
      void port.on("message", (message: unknown) => (message === STOP ? void stop() : listener(message))),
    serialize: packError,
    deserialize: unpackError,
    // Activities have bounds of their own.
    timeout: -1,
  },
);

async function serve(): Promise<void> {
  if (!isWorker || worker !== null) return;
  const activities = createActivities(calls);
  worker = new WorkerRunner({ link, activities, bundle: await workflowBundle(), log });
  await worker.ready;
  await calls.polling.asEvent();
}

async function stop(): Promise<void> {
  await setUp.stop();
  await worker?.stop();
  await link.close();
  process.exit();
}

/** What crosses into a thread comes out as plain bytes. */
function withBuffers({ tls, ...rest }: ThreadSettings["access"]): ThreadSettings["access"] {
  if (tls === undefined) return rest;
  const { serverRootCACertificate: authorities, clientCertPair: pair } = tls;
  return {
    ...rest,
    tls: {
      ...tls,
      ...(authorities !== undefined && { serverRootCACertificate: Buffer.from(authorities) }),
      ...(pair !== undefined && { clientCertPair: { crt: Buffer.from(pair.crt), key: Buffer.from(pair.key) } }),
    },
  };
}
