/** The audit list in memory. */
import type { AuditStore } from "../../../core/store-ports.js";
import { isWithin, pageOf } from "./memory-state.js";
import type { MemoryState } from "./memory-state.js";

export function memoryAudit(state: MemoryState): AuditStore {
  const { audit } = state;
  return {
    append: (entry) => state.call(() => void audit.set(entry.id, entry)),
    list: ({ applicationId, action, keyId, ...window }, page) =>
      state.call(() => {
        const shown = [...audit.values()].filter(
          (row) =>
            (applicationId === null || row.applicationId === applicationId) &&
            (action === null || row.action === action) &&
            (keyId === null || row.keyId === keyId) &&
            isWithin(row.at, window),
        );
        return pageOf(shown, (row) => row.id, page);
      }),
  };
}
