import type { Engine } from "../../core/ports.js";

/** Links into the Temporal Web UI. @param uiUrl its base URL; `null`: there are none */
export function createWorkflowUrls(namespace: string, uiUrl: string | null): Engine["workflowUrl"] {
  if (uiUrl === null) return () => null;
  const base = `${uiUrl.replace(/\/$/, "")}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return (delivery) =>
    delivery.workflowId === null
      ? `${base}?query=${encodeURIComponent(`EventId="${delivery.eventId}"`)}`
      : `${base}/${encodeURIComponent(delivery.workflowId)}`;
}
