/** What an endpoint's fields must satisfy beyond their form; only the running service knows. */
import type { InputIssue } from "../../core/errors.js";
import type { Endpoint, WireProfile } from "../../core/model.js";
import { z } from "zod";
import { keepsMasked } from "../answers/header-mask.js";
import type { ApiServices } from "../deps.js";
import { invalidInput } from "../input-issues.js";

/** @throws `invalid_input` with everything that is wrong */
export function checkEndpoint(
  services: ApiServices,
  fields: { url?: string | undefined; headers?: Readonly<Record<string, string>> | undefined },
): void {
  const issues = [...urlIssues(services, fields.url), ...headerIssues(services, fields.headers ?? {})];
  if (issues.length > 0) throw invalidInput(issues);
}

/**
 * A `whsec_` secret is no key of the profile `metriport`, nor the other way round.
 *
 * @throws `invalid_input`
 */
export function checkProfileChange({ profile }: Pick<Endpoint, "profile">, wanted: WireProfile | undefined): void {
  if (wanted === undefined || wanted === profile) return;
  if (profile === "metriport" || wanted === "metriport") {
    const remedy = "create another endpoint: their secrets have different forms";
    throw invalidInput([{ path: "profile", message: `cannot change between ${profile} and ${wanted}; ${remedy}` }]);
  }
}

/** Whether a change of the URL would send another host what only `secrets:read` may see. */
export function movesSecrets(
  endpoint: Pick<Endpoint, "url" | "profile" | "headers">,
  change: { url?: string | undefined; headers?: Readonly<Record<string, string>> | undefined },
): boolean {
  if (change.url === undefined || new URL(change.url).origin === new URL(endpoint.url).origin) return false;
  return endpoint.profile === "metriport" || keepsMasked(change.headers, endpoint.headers);
}

function urlIssues(services: ApiServices, url: string | undefined): InputIssue[] {
  if (url === undefined) return [];
  const verdict = services.urlPolicy.check(url);
  return verdict.ok ? [] : [{ path: "url", message: verdict.problem }];
}

function headerIssues(services: ApiServices, headers: Readonly<Record<string, string>>): InputIssue[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const path = z.core.toDotPath(["headers", name]);
    const twice = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    const problem = twice ? "is given twice" : services.customHeaderProblem(name, value);
    return problem === null ? [] : [{ path, message: problem }];
  });
}
