/** The channel that carries what concerns one user, as Open Wearables names it. */
import { LIMITS } from "../core/limits.js";

/** Before a user's id. */
export const USER_CHANNEL = "user.";

/** So long that the channel made of it is within its bound. */
export const USER_ID_CHARS_MAX = LIMITS.channelCharsMax - USER_CHANNEL.length;

export function userChannel(userId: string): string {
  return USER_CHANNEL + userId;
}

export function isUserChannel(channel: string): boolean {
  return channel.startsWith(USER_CHANNEL);
}
