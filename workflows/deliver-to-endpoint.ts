import { condition, continueAsNew, defineSignal, patched, setHandler, workflowInfo } from "@temporalio/workflow";
import type {
  AdoptCommand,
  AttemptOrder,
  DeliverToEndpointInput,
  DeliveryCommand,
  LaneCommand,
  LaneItem,
  WaitingDelivery,
} from "../core/workflow-contract.js";
import { SIGNAL } from "../core/workflow-contract.js";
import { LaneState, orderOf, summaryOf } from "./lane-state.js";
import { local, remote } from "./proxies.js";

/** Attempts in one activity: few enough that commands are looked at between two of them. */
const WAVE = 32;
/** The same for a receiver that took the wave before within {@link QUICK_MS}. */
const QUICK_WAVE = 128;
const QUICK_MS = 1_000;

/**
 * The durable retries of 1..200 deliveries to one endpoint. The store says where each stands, so a lane can be started
 * again at any time; this workflow decides when the next attempt is made and which command comes first.
 *
 * Signals: `resend` makes one attempt now and changes no schedule, `cancel` ends a delivery that waits. A delivery that
 * is not this lane's yet is taken over from the workflow that the command names. `adopt` brings further deliveries that
 * the store has given to this workflow's id.
 */
export async function deliverToEndpoint(input: DeliverToEndpointInput): Promise<void> {
  const { endpointId } = input;
  const { workflowId } = workflowInfo();
  const state = new LaneState();
  const commands: LaneCommand[] = [...(input.commands ?? [])];
  const adoptions: AdoptCommand[] = [];
  const seen = new Set<string>();
  const accept = (kind: LaneCommand["kind"]) => (command: DeliveryCommand) => {
    if (seen.has(command.commandId)) return;
    seen.add(command.commandId);
    commands.push({ kind, ...command });
  };
  setHandler(defineSignal<[DeliveryCommand]>(SIGNAL.resend), accept("resend"));
  setHandler(defineSignal<[DeliveryCommand]>(SIGNAL.cancel), accept("cancel"));
  setHandler(defineSignal<[AdoptCommand]>(SIGNAL.adopt), (adoption) => void adoptions.push(adoption));

  const adopt = async (
    deliveryIds: string[],
    takeFrom: string | null,
    given?: DeliverToEndpointInput["reservations"],
  ): Promise<void> => {
    const reservations = state.reservationsOf(deliveryIds, given);
    state.note(
      await local.adoptDeliveries({
        workflowId,
        endpointId,
        deliveryIds,
        takeFrom,
        ...(reservations && { reservations }),
      }),
    );
  };

  let isQuick = false;
  if (input.deliveryIds.length > 0) await adopt(input.deliveryIds, input.takeFrom, input.reservations);
  for (;;) {
    const adoption = adoptions.shift();
    if (adoption !== undefined) {
      await adopt(adoption.deliveryIds, null, adoption.reservations);
      continue;
    }
    const command = commands.shift();
    if (command !== undefined) {
      if (state.item(command.deliveryId) === undefined) await adopt([command.deliveryId], command.takeFrom);
      if (!state.defer(command, Date.now())) await obey(command);
      continue;
    }
    const settled = state.takeSettled(Date.now());
    if (settled.length > 0) {
      // The store knows what the first attempts came to; the commands are about that.
      await adopt([...new Set(settled.map((it) => it.deliveryId))], null);
      commands.push(...settled);
      continue;
    }

    const beganMs = Date.now();
    const isAhead = state.hasTurns && patched("turns-ahead");
    // At an endpoint with a rate limit no activity begins more than the requests of a moment.
    const due = state.due(beganMs, isAhead ? QUICK_WAVE : waveAt(beganMs), isAhead);
    if (due.length > 0) {
      const items = await attempt(due.map(orderOf), summaryOf(due), state.waitingBeside(due, beganMs));
      state.note(items, isAhead ? beganMs : undefined);
      isQuick = Date.now() - beganMs < QUICK_MS;
      continue;
    }
    if (state.isEmpty) return;
    if (workflowInfo().continueAsNewSuggested) {
      const { deliveryIds } = state;
      const reservations = state.reservationsOf(deliveryIds);
      await continueAsNew<typeof deliverToEndpoint>({
        endpointId,
        deliveryIds,
        takeFrom: null,
        commands: state.deferred,
        ...(reservations && { reservations }),
      });
    }
    const { atMs, summary } = state.nextWake();
    await condition(() => commands.length + adoptions.length > 0, Math.max(1, atMs - Date.now()), { summary });
  }

  function waveAt(nowMs: number): number {
    const isLarge = isQuick && state.due(nowMs, WAVE + 1).length > WAVE;
    return isLarge && patched("quick-waves") ? QUICK_WAVE : WAVE;
  }

  function attempt(orders: AttemptOrder[], summary: string, waiting: WaitingDelivery[] = []): Promise<LaneItem[]> {
    const beside = waiting.length === 0 ? {} : { waiting };
    return remote.attemptDeliveries.executeWithOptions({ summary }, [{ endpointId, workflowId, orders, ...beside }]);
  }

  async function obey(command: LaneCommand): Promise<void> {
    const { deliveryId, commandId } = command;
    if (command.kind === "cancel") {
      if (state.item(deliveryId) === undefined) return;
      state.note(await local.cancelDeliveries({ endpointId, deliveryIds: [deliveryId], reason: command.reason }));
      return;
    }
    const item = state.item(deliveryId);
    const attemptCount = item?.attemptCount ?? command.attemptCount;
    const turn = item?.reservation && { reservation: item.reservation };
    state.note(await attempt([{ deliveryId, attemptCount, commandId, ...turn }], "sent again on request"));
  }
}
