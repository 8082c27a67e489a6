/**
 * Whose fault a failure is. Codes decide first, then the status, then words. Words are weak: anyone
 * can get them into a message by putting them into a request. So quotations are cut out before they are
 * read, and where the status does not speak of the account already (401, 402, 403, 429), they hold it
 * only as a sentence by which that very provider is known to tell of accounts.
 */
import type { ProviderId } from "../providers/ids.ts";
import { PROVIDERS } from "../providers/providers.ts";
import type { ErrorBody } from "./errorBody.ts";
import { CLASSES, type FailureClass, type FailureNext, type FailureScope } from "./failureClasses.ts";
import { FAILURE_RULES, type FailureRule, STATUS_RULES } from "./failureRules.ts";
import { knownSentence } from "./knownSentences.ts";
import { withoutQuotations } from "./quotations.ts";

export interface Verdict {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  readonly next: FailureNext;
  /** Words that nobody knows have said so: the class that they speak of. Two such are the request's fault. */
  readonly weak?: FailureClass;
}

/** Statuses by which a provider speaks of the account, or of its limits. */
const OF_ACCOUNT: ReadonlySet<number> = new Set([401, 402, 403, 429]);
/** Classes whose words may be believed of a request: they hold nobody. */
const OF_REQUEST: ReadonlySet<FailureClass> = new Set(["client", "foreign-state", "too-long"]);

interface Said {
  readonly provider: ProviderId;
  readonly status: number;
  readonly body: ErrorBody;
  /** Its texts without what they quote. */
  readonly words: string;
}

/** @param status of the reply, or what its body says of one where that is a 200 */
export function judge(provider: ProviderId, status: number, body: ErrorBody): Verdict {
  const said: Said = { provider, status, body, words: withoutQuotations(body.text) };
  const coded = FAILURE_RULES.find((rule) => fits(rule, said) && says(rule, said));
  if (coded !== undefined && coded.vague !== true && coded.class !== "client") return verdict(coded);
  if (coded?.vague === true || OF_ACCOUNT.has(status)) return ofAccount(said, coded);
  const sentence = status >= 500 ? undefined : knownSentence(provider, status, body.texts);
  if (sentence !== undefined) return verdict(sentence);
  return verdict(coded) ?? ofRequest(said) ?? byStatus(said);
}

/** The reply is about the account: words tell which of its troubles it is. */
function ofAccount(said: Said, coded: FailureRule | undefined): Verdict {
  const { provider, status, body } = said;
  if (coded?.class === "client") return verdict(coded);
  const worded = FAILURE_RULES.find((rule) => fits(rule, said) && speaks(rule, said));
  if (worded === undefined) return verdict(coded) ?? byStatus(said);
  const found = verdict(worded);
  // A 403 alone would hold one model; a filter or a firewall may have quoted the rest.
  const weak =
    coded === undefined &&
    status === 403 &&
    found.scope === "account" &&
    knownSentence(provider, status, body.texts) === undefined;
  return weak ? { ...found, weak: found.class } : found;
}

/** Words about a request; those about an account make it worth another's try, and are not believed. */
function ofRequest(said: Said): Verdict | undefined {
  const worded = FAILURE_RULES.filter((rule) => fits(rule, said) && speaks(rule, said));
  const believed = worded.find((rule) => isBelieved(rule, said));
  if (believed !== undefined) return verdict(believed);
  const [claim] = worded;
  if (claim === undefined || said.status >= 500 || claim.class === "overloaded") return undefined;
  return { class: "client", scope: "none", next: "next-account", weak: claim.class };
}

function isBelieved(rule: FailureRule, { provider, status }: Said): boolean {
  // Servers of one's own have a 500 for nearly everything.
  const own = !PROVIDERS[provider].keyRequired;
  if (status >= 500) return rule.class === "overloaded" || (own && rule.class === "too-long");
  if (rule.class === "overloaded") return status < 400;
  return OF_REQUEST.has(rule.class);
}

function byStatus(said: Said): Verdict {
  const { status } = said;
  const rule = STATUS_RULES.find(
    (each) => fits(each, said) && (each.codes === undefined || says(each, said)),
  );
  return verdict(rule ?? { class: status >= 400 && status < 500 ? "client" : "provider" });
}

/** May the rule be applied to this provider and status? */
function fits(rule: FailureRule, { provider, status, body }: Said): boolean {
  if (rule.providers !== undefined && !rule.providers.includes(provider)) return false;
  if (rule.structured !== undefined && rule.structured !== body.structured) return false;
  return rule.status === undefined || rule.status.includes(status);
}

/** Does one of its codes stand there, and its words where both are wanted? */
function says(rule: FailureRule, said: Said): boolean {
  const { codes } = said.body;
  const code =
    codes.some((each) => rule.codes?.includes(each)) || codes.some((each) => rule.codeLike?.test(each));
  return code && (rule.both !== true || reads(rule, said));
}

/** Do its words stand there? */
function speaks(rule: FailureRule, said: Said): boolean {
  return rule.both !== true && reads(rule, said);
}

function reads({ text, uncut }: FailureRule, { body, words }: Said): boolean {
  return text?.test(uncut === true ? body.text : words) === true;
}

type Ruling = Pick<FailureRule, "class" | "scope" | "next">;

function verdict(rule: Ruling): Verdict;
function verdict(rule: Ruling | undefined): Verdict | undefined;
function verdict(rule: Ruling | undefined): Verdict | undefined {
  if (rule === undefined) return undefined;
  const { scope, next } = CLASSES[rule.class];
  return { class: rule.class, scope: rule.scope ?? scope, next: rule.next ?? next };
}
