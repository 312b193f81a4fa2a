import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import type { SigningSecret } from "../../core/model.js";
import type { OutgoingRequest } from "../../core/ports.js";
import { createAddressGuard } from "../../egress/address-guard.js";
import { createResolver } from "../../egress/resolver.js";
import type { ClosableSender, SenderOptions } from "../../egress/sender.js";
import { createSender } from "../../egress/sender.js";
import { generateSigningSecret } from "../../egress/signature.js";
import { generatePrivateKey } from "../../egress/signature-v1a.js";
import { createUrlPolicy } from "../../egress/url-policy.js";
import type { RawConnection, RawReceiver } from "../support/raw-receiver.js";
import { startRawReceiver } from "../support/raw-receiver.js";
import type { Receiver, ReceiverOptions } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";

/** A sender that may call this machine; closed when the test is over. */
export function testSender(overrides: Partial<SenderOptions> = {}): ClosableSender {
  const guard = overrides.guard ?? createAddressGuard({ allowLoopback: true });
  const sender = createSender({
    version: "1.2.3",
    guard,
    resolver: createResolver({ guard }),
    urlPolicy: createUrlPolicy({ guard: createAddressGuard({ allowLoopback: true }) }),
    clock: Date,
    refusalMs: 0,
    ...overrides,
  });
  onTestFinished(() => sender.close());
  return sender;
}

/** A receiver that is closed when the test is over, before the sender: its connections end what still hangs. */
export async function testReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options);
  onTestFinished(() => receiver.close());
  return receiver;
}

export async function testRawReceiver(serve: (connection: RawConnection) => Promise<void>): Promise<RawReceiver> {
  const receiver = await startRawReceiver(serve);
  onTestFinished(() => receiver.close());
  return receiver;
}

export function signingSecret(): SigningSecret {
  return { key: generateSigningSecret(randomBytes), createdAt: new Date(), expiresAt: null };
}

export function asymmetricKey(): SigningSecret {
  return { key: generatePrivateKey(randomBytes), createdAt: new Date(), expiresAt: null };
}

/** A request that is in order; deadlines are long where a test does not wait for them. */
export function outgoing(url: string, overrides: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    url,
    payload: Buffer.from('{"hello":"world"}'),
    contentType: "application/json",
    eventId: "msg_0123456789",
    eventType: "order.paid",
    createdAt: new Date(1_700_000_000_000),
    profile: "standard",
    secrets: [signingSecret()],
    asymmetricKeys: [],
    headers: {},
    timeoutMs: 20_000,
    ...overrides,
  };
}
