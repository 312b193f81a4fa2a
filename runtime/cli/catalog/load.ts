/** `posthorn catalog`: event types of Open Wearables and Metriport, for applications that publish in their stead. */
import { DEFAULT_APPLICATION } from "../../../api/application-finder.js";
import { CATALOGUES } from "../../../api/catalogue/catalogues.js";
import { loadCatalogue } from "../../../api/catalogue/load.js";
import { CATALOGUE_NAMES } from "../../../api/catalogue/names.js";
import type { CatalogueName } from "../../../api/catalogue/names.js";
import type { Log } from "../../../core/ports.js";
import type { Store } from "../../../store/connect.js";
import { enter } from "../audit.js";
import { fail, say } from "../print.js";
import { withStore } from "../with-store.js";

export interface LoadCatalogueOptions {
  application: string;
  replace: boolean;
}

export function loadNamedCatalogue(name: CatalogueName, { application, replace }: LoadCatalogueOptions): Promise<void> {
  return withStore(async (store) => {
    await store.ensureIndexes();
    await store.ensureDefaultApplication();
    const found = await store.applications.find(application);
    if (found === null) fail(`no application has the id or uid "${application}"`);
    const entries = CATALOGUES[name];
    const { created, updated, unchanged } = await loadCatalogue(store.eventTypes, {
      applicationId: found.id,
      entries,
      now: new Date(),
      replace,
    });
    say(
      `${name}: ${entries.length} event types for ${found.id}: ` +
        `${created} created, ${updated} updated, ${unchanged} left as they are`,
    );
    await enter(store, {
      applicationId: found.id,
      action: "catalog.load",
      targetIds: [name],
      before: null,
      after: { replace, created, updated },
    });
  });
}

export function listCatalogues(): void {
  for (const name of CATALOGUE_NAMES) say(`${name}  ${CATALOGUES[name].length} event types`);
}

/** Every catalogue for the default application, where types are missing. Never rejects: work goes on without. */
export async function loadDefaultCatalogues(
  store: Pick<Store, "applications" | "eventTypes">,
  log: Log,
): Promise<void> {
  try {
    const application = await store.applications.find(DEFAULT_APPLICATION);
    if (application === null) return;
    const entries = CATALOGUE_NAMES.flatMap((name) => CATALOGUES[name]);
    const options = { applicationId: application.id, entries, now: new Date(), replace: false };
    const { created } = await loadCatalogue(store.eventTypes, options);
    if (created > 0) log.info({ created }, "event types of the catalogues are loaded");
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    log.warn({ problem }, "event types of the catalogues are not loaded; posthorn catalog load does it by hand");
  }
}
