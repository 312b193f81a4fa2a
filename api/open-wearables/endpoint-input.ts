/**
 * What creates and changes endpoints there. `null` means "not given" for every field but the user, where it takes the
 * scope away.
 */
import { z } from "zod";
import { LIMITS } from "../../core/limits.js";
import { channelName } from "../schemas/fields.js";
import { USER_ID_CHARS_MAX } from "../user-channel.js";

const url = z.string().max(LIMITS.urlCharsMax);

const fields = {
  description: z.string().max(LIMITS.descriptionCharsMax).nullish(),
  // A name given twice counts once there.
  filter_types: z
    .array(z.string().min(1).max(LIMITS.eventTypeCharsMax))
    .max(LIMITS.eventTypesPerEndpointMax)
    .transform((names) => [...new Set(names)])
    .nullish(),
  user_id: channelName.max(USER_ID_CHARS_MAX).nullish(),
};

export const endpointInput = z.object({ url, ...fields });
export const endpointChange = z.object({ url: url.nullish(), ...fields });
