/** The text of `docs/outcomes.md`: what an attempt can come to, what it means, what to do and what follows. */
import { FAILED_STATUSES, FAILURES } from "../core/outcome-help.js";
import type { OutcomeHelp } from "../core/outcome-help.js";
import { consequenceOf } from "../core/outcome.js";
import type { Consequence, OutcomeClass } from "../core/outcome.js";

const FOLLOWS: Readonly<Record<Consequence, string>> = {
  delivered: "delivered",
  retry: "retried",
  fail: "not retried: the delivery fails at once",
  gone: "not retried: the delivery fails and the endpoint is disabled",
  ours: "no attempt is counted; tried again soon",
};

function follows(outcome: OutcomeClass): string {
  const standard = consequenceOf(outcome, { profile: "standard", clientErrors: "retry" });
  const metriport = consequenceOf(outcome, { profile: "metriport", clientErrors: "retry" });
  return metriport === standard
    ? FOLLOWS[standard]
    : `${FOLLOWS[standard]}; with the profile \`metriport\` ${FOLLOWS[metriport]}`;
}

function row(label: string, help: OutcomeHelp, outcome: OutcomeClass): string {
  const names = label.split(", ").map((it) => `\`${it}\``);
  return `| ${names.join(", ")} | ${help.meaning} | ${help.remedy} | ${follows(outcome)} |`;
}

const isClass = (name: string): name is keyof typeof FAILURES => name in FAILURES;

export function outcomesPage(): string {
  const ok = `| \`ok\` | the receiver answered with a status from 200 to 299 | | ${follows("ok")} |`;
  const named = Object.keys(FAILURES)
    .filter(isClass)
    .map((it) => row(it, FAILURES[it], it));
  const statuses = FAILED_STATUSES.map((it) => row(it.label, it, it.example));
  return `# Outcomes

<!-- Made from core/outcome-help.ts by tools/generate-docs.ts; changes here are lost. -->

Every attempt ends in one of these classes, as \`outcome\`. They are stable and meant for programs; \`error\` and \`remedy\` beside
it say the same to people. Lists of attempts can be filtered by a class or by a prefix such as \`timeout.*\`.

The head of an answer decides: with 2xx the delivery is done, whatever becomes of the body. A request takes no longer than
\`timeoutMs\` of its endpoint altogether, and a connection no longer than 5 s of that. "Retried" means: on the endpoint's schedule,
until it is used up. Where an endpoint has \`clientErrors: "fail"\`, a 4xx ends the delivery at once, except 408, 425 and 429. After 10
failures in a row without an HTTP answer, or when 70 % of at least 10 requests in 30 s have failed, nothing is sent for 30 s, then
a single request; the wait doubles to 10 min while that fails, and uses up no attempts. About a destination that is not allowed nothing more is said: attempts of \`blocked.address\` show no address
and a duration of 0. Classes that begin with \`internal.\` are failures of the installation itself: no attempt is recorded for
them, its log has them.

| outcome | what happened | what the owner of the endpoint can do | what follows |
| --- | --- | --- | --- |
${[ok, ...statuses, ...named].join("\n")}
`;
}
