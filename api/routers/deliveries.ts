/** Deliveries: one event to one endpoint, over all its attempts. */
import { isId } from "../../core/ids.js";
import type { Delivery } from "../../core/model.js";
import { answerDelivery, answerDeliveryDetail } from "../answers/delivery.js";
import { applicationOf } from "../application-of.js";
import { cancelDelivery } from "../commands/cancel-delivery.js";
import { resendDelivery } from "../commands/resend.js";
import type { CallerContext } from "../context.js";
import { endpointFilter, eventFilter } from "../filter-references.js";
import { notFound } from "../not-found.js";
import { rest } from "../procedure-meta.js";
import {
  deliveryAnswer,
  deliveryDetailAnswer,
  deliveryListInput,
  deliveryReferenceInput,
} from "../schemas/delivery.js";
import type { DeliveryDetailAnswer } from "../schemas/delivery.js";
import { pageOf, readPage, readWindow, writePage } from "../schemas/paging.js";
import { procedure, router } from "../trpc.js";

const tags = ["deliveries"];
/** More than any schedule makes; only many manual resends reach it. */
const ATTEMPTS_MAX = 250;

async function find(
  context: CallerContext,
  input: { application?: string | undefined; id: string },
): Promise<Delivery> {
  const applicationId = await applicationOf(context, input.application);
  const delivery = await context.services.stores.deliveries.find(applicationId, input.id);
  if (delivery === null) throw notFound("delivery", input.id);
  context.audit.found(delivery.id, () => ({ status: delivery.status }));
  return delivery;
}

async function answer(context: CallerContext, delivery: Delivery): Promise<DeliveryDetailAnswer> {
  const { stores, engine } = context.services;
  return answerDeliveryDetail(delivery, await stores.attempts.ofDelivery(delivery.id, ATTEMPTS_MAX), engine);
}

async function answerAfter(context: CallerContext, before: Delivery): Promise<DeliveryDetailAnswer> {
  const now = await context.services.stores.deliveries.find(before.applicationId, before.id);
  if (now === null) throw notFound("delivery", before.id);
  return answer(context, now);
}

export const deliveries = router({
  /** With its attempts, oldest first. */
  get: procedure
    .meta(
      rest({
        method: "GET",
        path: "/v1/deliveries/{id}",
        summary: "Get a delivery with its attempts",
        tags,
        scope: "deliveries:read",
      }),
    )
    .input(deliveryReferenceInput)
    .output(deliveryDetailAnswer)
    .query(async ({ ctx, input }) => answer(ctx, await find(ctx, input))),

  list: procedure
    .meta(rest({ method: "GET", path: "/v1/deliveries", summary: "List deliveries", tags, scope: "deliveries:read" }))
    .input(deliveryListInput)
    .output(pageOf(deliveryAnswer))
    .query(async ({ ctx, input }) => {
      const { stores, engine } = ctx.services;
      const applicationId = await applicationOf(ctx, input.application);
      const page = readPage(input, (after) => isId("delivery", after));
      const filter = {
        status: input.status ?? null,
        endpointId: await endpointFilter(stores, applicationId, input.endpoint ?? input.endpointId),
        eventId: await eventFilter(stores, applicationId, input.event ?? input.eventId),
        eventType: input.eventType ?? null,
        httpClass: input.httpClass ?? null,
        ...readWindow(input),
      };
      const rows = await stores.deliveries.list(applicationId, filter, page);
      return writePage(rows, page.order, (row) => answerDelivery(row, engine));
    }),

  /**
   * Makes one more attempt now and answers with the delivery after it. 409 `endpoint_inactive` if the endpoint is
   * paused or disabled, 409 `attempt_in_flight` if it takes longer than the request may wait (25 s at most).
   */
  resend: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/deliveries/{id}/resend",
        summary: "Make one more attempt now",
        tags,
        scope: "deliveries:write",
      }),
    )
    .input(deliveryReferenceInput)
    .output(deliveryDetailAnswer)
    .mutation(async ({ ctx, input, signal }) => {
      const delivery = await find(ctx, input);
      await resendDelivery(ctx, delivery, signal);
      return answerAfter(ctx, delivery);
    }),

  /**
   * Ends the delivery before its next attempt and answers with it. 409 `delivery_final` says in words what it ended as;
   * an attempt in flight is settled first.
   */
  cancel: procedure
    .meta(
      rest({
        method: "POST",
        path: "/v1/deliveries/{id}/cancel",
        summary: "Cancel a delivery",
        tags,
        scope: "deliveries:write",
      }),
    )
    .input(deliveryReferenceInput)
    .output(deliveryDetailAnswer)
    .mutation(async ({ ctx, input, signal }) => {
      const delivery = await find(ctx, input);
      await cancelDelivery(ctx, delivery, signal);
      return answerAfter(ctx, delivery);
    }),
});
