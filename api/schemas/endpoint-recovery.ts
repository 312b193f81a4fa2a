/** Enabling and disabling: what is to become of deliveries, and how many there are. */
import { z } from "zod";
import { endpointAnswer, endpointReferenceInput } from "./endpoint.js";

export const endpointEnableInput = z.strictObject({
  ...endpointReferenceInput.shape,
  held: z
    .enum(["release", "cancel"])
    .default("release")
    .describe("What was held: send it now, or cancel it. What waits for a retry goes on in either case."),
  failed: z
    .enum(["leave", "retry"])
    .default("leave")
    .describe("What failed, whenever that was: leave it, or send it again, oldest first."),
});

export const endpointWithDeliveriesAnswer = endpointAnswer
  .extend({
    deliveries: z
      .object({ held: z.number(), failed: z.number() })
      .describe("The endpoint's deliveries that were held or had failed when the request came, up to a million each."),
  })
  .meta({ id: "EndpointWithDeliveries" });
