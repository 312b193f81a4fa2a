import type { Application } from "../../core/model.js";
import type { ApplicationAnswer } from "../schemas/application.js";
import { isoTime } from "./time.js";

export function answerApplication(application: Application): ApplicationAnswer {
  const { id, uid, name, metadata, createdAt, updatedAt } = application;
  return { id, uid, name, metadata: { ...metadata }, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
}
