/** Metriport's settings of a customer: an application, and the URL and key of its designated endpoint. */
import { isPosthornError, PosthornError } from "../../core/errors.js";
import type { Application, Endpoint, MetriportSettings } from "../../core/model.js";
import type { EndpointChange } from "../../core/store-ports.js";
import { Secret } from "../../core/secret.js";
import type { AuditNote } from "../audit/note.js";
import type { ApiServices } from "../deps.js";
import { changeEndpoint } from "../endpoints/change.js";
import { createEndpoint } from "../endpoints/create.js";
import { notFound } from "../not-found.js";
import type { SettingsInput } from "../schemas/metriport.js";
import { designatedEndpoint, DESIGNATED_UID, isCleared } from "./designated.js";

/** What both routes answer. */
export interface Settings {
  /** Of the application. */
  id: string;
  webhookUrl: string | null;
  webhookKey: string | null;
  mrFilters: readonly unknown[] | null;
}

/** The settings as they are; made if there are none. Not to run beside {@link updateSettings} of the same application. */
export async function readSettings(services: ApiServices, applicationId: string): Promise<Settings> {
  const found = await freshApplication(services, applicationId);
  const application = found.metriport === null ? await remember(services, found, { mrFilters: null }) : found;
  return answer(application, await designatedEndpoint(services, applicationId));
}

/**
 * Changes what is given. In the original, settings that were never read cannot be changed (404); whoever starts with a
 * change falls into that, so here a change makes them. One at a time for an application: a key is made where there is none.
 *
 * @throws `conflict` if the endpoint cannot be made, `engine_unavailable` if what was held could not be released: then the
 *   settings are changed, and a repeat of the request makes up for it
 */
export async function updateSettings(
  services: ApiServices,
  applicationId: string,
  { webhookUrl, mrFilters }: SettingsInput,
  audit: AuditNote,
): Promise<{ settings: Settings; endpoint: Endpoint | null }> {
  const found = await freshApplication(services, applicationId);
  const known = await designatedEndpoint(services, applicationId);
  audit.found(applicationId, () => withoutKey(found, known));
  const endpoint = webhookUrl === undefined ? known : await changeUrl(services, applicationId, known, webhookUrl);
  const isSame = found.metriport !== null && mrFilters === undefined;
  const wanted = { mrFilters: mrFilters === undefined ? (found.metriport?.mrFilters ?? null) : mrFilters };
  const application = isSame ? found : await remember(services, found, wanted);
  return { settings: answer(application, endpoint), endpoint };
}

/**
 * The application as the store has it: settings that another process has just made must be seen.
 *
 * @throws `not_found`
 */
export async function freshApplication({ stores }: ApiServices, applicationId: string): Promise<Application> {
  const application = await stores.applications.find(applicationId);
  if (application === null) throw notFound("application", applicationId);
  return application;
}

async function remember(
  { stores }: ApiServices,
  { id }: Application,
  metriport: MetriportSettings,
): Promise<Application> {
  const updated = await stores.applications.update(id, { metriport });
  if (updated?.kind !== "inserted") throw notFound("application", id);
  return updated.row;
}

async function changeUrl(
  services: ApiServices,
  applicationId: string,
  known: Endpoint | null,
  url: string | null,
): Promise<Endpoint | null> {
  if (url !== null && url !== "")
    return setUrl(services, known ?? (await createOrFind(services, applicationId, url)), url);
  if (known === null || isCleared(known)) return known;
  // What waits is held, what failed stays: both can go on with the next URL.
  const cleared = { status: "disabled", statusReason: "cleared", secrets: [], receiver: null } as const;
  return changeEndpoint(services, known, cleared);
}

/** The uid is unique, so of two requests at once one creates and the other finds. */
async function createOrFind(services: ApiServices, applicationId: string, url: string): Promise<Endpoint> {
  try {
    return await createEndpoint(services, applicationId, { uid: DESIGNATED_UID, url, profile: "metriport" });
  } catch (error) {
    if (!isPosthornError(error) || error.code !== "conflict") throw error;
    const theirs = await services.stores.endpoints.find(applicationId, DESIGNATED_UID);
    if (theirs === null) throw error;
    if (theirs.profile === "metriport") return theirs;
    const what = `The uid "${DESIGNATED_UID}" belongs to an endpoint of the profile ${theirs.profile}`;
    throw new PosthornError("conflict", `${what}; give that one another uid.`);
  }
}

async function setUrl(services: ApiServices, endpoint: Endpoint, url: string): Promise<Endpoint> {
  const { clock, secrets, stores } = services;
  const isDisabled = endpoint.status === "disabled";
  const hasNoKey = isCleared(endpoint) || endpoint.secrets.length === 0;
  const key = () => ({
    key: new Secret(secrets.generate("metriport")),
    createdAt: new Date(clock.now()),
    expiresAt: null,
  });
  const change: EndpointChange = {
    ...(endpoint.url !== url && { url }),
    ...(hasNoKey && { secrets: [key()], receiver: null }),
    ...(isDisabled && { status: "active", statusReason: null }),
  };
  const changed = Object.keys(change).length === 0 ? endpoint : await changeEndpoint(services, endpoint, change);
  if (changed.status !== "active") return changed;
  // Also where nothing changed: a release that failed to start before is made up for.
  if (isDisabled || (await stores.deliveries.countOfEndpoint(changed.id, ["held"])) > 0)
    await release(services, changed);
  return changed;
}

async function release({ engine, ids }: ApiServices, { id }: Endpoint): Promise<void> {
  const reason = "webhook URL set";
  await engine.startOperation({ operationId: ids.next("operation"), kind: "release", endpointId: id, reason });
}

function answer(application: Application, endpoint: Endpoint | null): Settings {
  const { id, webhookUrl, mrFilters } = withoutKey(application, endpoint);
  const key = webhookUrl === null ? undefined : endpoint?.secrets[0]?.key;
  return { id, webhookUrl, webhookKey: key?.reveal() ?? null, mrFilters };
}

/** A key that cannot be read does not keep this from being told. */
function withoutKey({ id, metriport }: Application, endpoint: Endpoint | null): Omit<Settings, "webhookKey"> {
  const webhook = endpoint === null || isCleared(endpoint) ? null : endpoint;
  return { id, webhookUrl: webhook?.url ?? null, mrFilters: metriport?.mrFilters ?? null };
}
