import { LIMITS } from "../core/limits.js";
import type { Clock, OutgoingRequest, Sender, SendResult, UrlPolicy } from "../core/ports.js";
import { createConnector } from "./connector.js";
import type { ConnectorOptions } from "./connector.js";
import { Destinations } from "./destinations.js";
import { OriginPools } from "./origin-pools.js";
import { userAgent } from "./request-headers.js";
import type { SendingContext } from "./sending.js";
import { Sending } from "./sending.js";
import { TIME_LIMITS } from "./time-limits.js";

export interface SenderOptions extends ConnectorOptions {
  /** Posthorn's version, for `user-agent`. */
  version: string;
  urlPolicy: UrlPolicy;
  clock: Clock;
  /** Open connections to one origin; callers should not have more requests in flight to one. @default 16 */
  connectionsPerOrigin?: number;
  /** How long the body of an answer is read after its headers, in ms. @default 2000 */
  bodyMsMax?: number;
  /**
   * When a request is over whose address is refused, in ms after the call, or at its timeout if that is earlier: as long
   * as a connection may take, so that nobody can tell how long a name server did. @default 5000
   */
  refusalMs?: number;
}

export interface ClosableSender extends Sender {
  /** Takes no more requests, waits for those in flight (their deadlines bound it), then closes every connection. */
  close(): Promise<void>;
}

const CONNECTIONS_PER_ORIGIN = 16;

/**
 * Speaks HTTP/1.1 to receivers. A request that cannot be made is a result like any other; the deadline holds from the
 * call to the last byte, also while undici waits for a connection. `timeoutMs` above 30 s counts as 30 s.
 */
export function createSender(options: SenderOptions): ClosableSender {
  const connector = createConnector(options);
  const pools = new OriginPools({
    connect: connector.connect,
    connectionsPerOrigin: options.connectionsPerOrigin ?? CONNECTIONS_PER_ORIGIN,
    now: () => performance.now(),
  });
  const context: SendingContext = {
    pools,
    connector,
    destinations: new Destinations(options.urlPolicy, () => performance.now()),
    clock: options.clock,
    agent: userAgent(options.version),
    bodyMsMax: options.bodyMsMax ?? TIME_LIMITS.body,
    refusalMs: options.refusalMs ?? TIME_LIMITS.connect,
  };
  const inFlight = new Set<Promise<SendResult>>();
  let closed = false;

  return {
    async send(request: OutgoingRequest) {
      const timeoutMs = Math.min(request.timeoutMs, LIMITS.timeoutMsMax);
      const sending = new Sending(context, { ...request, timeoutMs });
      if (closed) return sending.refuse("internal.error");
      const result = sending.run();
      inFlight.add(result);
      try {
        return await result;
      } finally {
        inFlight.delete(result);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(inFlight);
      await pools.destroy();
    },
  };
}
