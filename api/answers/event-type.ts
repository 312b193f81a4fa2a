import type { EventType } from "../../core/model.js";
import type { EventTypeAnswer } from "../schemas/event-type.js";
import { isoTime } from "./time.js";

export function answerEventType(eventType: EventType): EventTypeAnswer {
  const { name, description, schema, example, group, archived } = eventType;
  return {
    name,
    description,
    schema,
    example,
    group,
    archived,
    createdAt: isoTime(eventType.createdAt),
    updatedAt: isoTime(eventType.updatedAt),
  };
}
