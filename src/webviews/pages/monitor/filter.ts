/**
 * What a person types into the filter, as a filter of requests, and as the page's query. Pure.
 *
 * `model:gpt-5 client:"Claude Code" took:>10s some text`: keys narrow it down, the rest is text that
 * stands anywhere. The last one of a key counts; one that says nothing is marked, and the others count.
 */
import { t } from "@vscode/l10n";
import { PROTOCOLS } from "../../../control/protocol.ts";
import { type FilteredFields, fieldsWhere, type SearchedFields } from "../../../control/requestFields.ts";
import {
  NO_NAME,
  RANGED,
  type RequestFacets,
  type RequestFilter,
  type RequestLane,
  type RequestOutcome,
  type RequestRow,
} from "../../../control/requests.ts";
import { matches } from "../../../control/wildcard.ts";
import { inRange, RANGE_FIELDS, type RangeKey, rangedValue, rangeOf } from "./ranges.ts";
import { type TimeChoice, timeChoiceOf, timeFilterOf, timeQueryOf } from "./timeChoice.ts";

export const KEYS = [
  "model",
  "client",
  "account",
  "status",
  "took",
  "cost",
  "tokens",
  "via",
  "error",
  "protocol",
  "used",
  "key",
] as const;
export type Key = (typeof KEYS)[number];

export type Show = "all" | "errors" | "failed-over" | "slow";
/** Milliseconds from which on a request counts as slow. */
export const SLOW_MS = 10_000;

export type Terms = Partial<Record<Key | "text", string>>;

/** Those that a request has to have as they are asked for, and those in which a text may stand. */
const FILTERED = fieldsWhere(({ filtered }) => filtered === true) as (keyof FilteredFields)[];
const SEARCHED = fieldsWhere(
  ({ searched, listed, holds }) => listed === true && (searched === true || holds === "id"),
) as SearchedField[];
type SearchedField = Extract<keyof RequestRow, keyof SearchedFields | "id">;
type FilteredField = SearchedField | keyof FilteredFields | "time" | "durationMs" | "cost" | "tokens";
/** What `status:` takes besides numbers. */
export const STATUS_WORDS: Readonly<Record<string, RequestOutcome>> = {
  ok: "ok",
  failed: "failed",
  "client-left": "client-gone",
};

/** What `via:` takes besides the routes' patterns. */
export const VIA_WORDS: Readonly<Record<string, RequestLane>> = {
  passthrough: "A",
  translation: "B",
  sandbox: "sandbox",
};

export interface Token {
  /** Where it begins and ends in the text. */
  start: number;
  end: number;
  key?: Key;
  /** Without quotation marks. */
  value: string;
}

/** The words of the text; a quotation mark that is not closed runs to the end. */
export function tokensOf(text: string): Token[] {
  const found = text.matchAll(/([a-z]+):(?=\s|$)|(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/g);
  return [...found].map((match) => {
    const [whole, bare, prefix, quoted, plain] = match;
    const start = match.index;
    const end = start + whole.length;
    const key = keyOf(prefix ?? bare);
    if (key !== undefined) return { start, end, key, value: quoted ?? plain ?? "" };
    return { start, end, value: prefix === undefined && quoted !== undefined ? quoted : whole };
  });
}

export function termsOf(text: string): Terms {
  const terms: Terms = {};
  const words: string[] = [];
  for (const { key, value } of tokensOf(text)) {
    if (key === undefined) words.push(value);
    else if (value !== "") terms[key] = value;
  }
  if (words.length > 0) terms.text = words.join(" ");
  return terms;
}

export function textOf(terms: Terms): string {
  const keyed = KEYS.flatMap((key) => {
    const value = terms[key];
    return value === undefined || value === "" ? [] : [termText(key, value)];
  });
  return [...keyed, ...(terms.text === undefined || terms.text === "" ? [] : [terms.text])].join(" ");
}

/** `client:"Claude Code"`. */
export function termText(key: Key, value: string): string {
  const clean = value.replaceAll('"', "");
  return `${key}:${/\s/.test(clean) ? `"${clean}"` : clean}`;
}

export interface FilterState {
  terms: Terms;
  show: Show;
  time: TimeChoice;
}

/** What the page's query asks; what it does not understand it leaves out. */
export function filterStateOf(query: Readonly<Record<string, string>>): FilterState {
  const terms: Terms = {};
  for (const key of [...KEYS, "text"] as const) {
    const value = query[key];
    if (value !== undefined && value !== "") terms[key] = value;
  }
  const { outcome } = query;
  const word = Object.entries(STATUS_WORDS).find(([, value]) => value === outcome)?.[0];
  if (word !== undefined && outcome !== "failed" && terms.status === undefined) terms.status = word;
  const show =
    outcome === "failed"
      ? "errors"
      : query["show"] === "failed-over" || query["show"] === "slow"
        ? query["show"]
        : "all";
  return { terms, show, time: timeChoiceOf(query) };
}

/** The other way; `undefined` takes a key out of the query. */
export function queryOf({ terms, show, time }: FilterState): Record<string, string | undefined> {
  return {
    ...Object.fromEntries([...KEYS, "text" as const].map((key) => [key, terms[key]])),
    outcome: show === "errors" ? "failed" : undefined,
    show: show === "failed-over" || show === "slow" ? show : undefined,
    ...timeQueryOf(time),
  };
}

export interface Asked {
  filter: RequestFilter;
  /** Terms that say nothing, as they were typed, with what they could say: for a person. */
  wrong: { term: string; message: string }[];
}

/**
 * @param facets what there is; while it is not known, values are taken as they are
 * @param now milliseconds since 1970
 */
export function filterOf(
  { terms, show, time }: FilterState,
  facets: RequestFacets | undefined,
  now: number,
): Asked {
  const { text, model, client, account, protocol, status, via, error, used, key } = terms;
  const filter: RequestFilter = { ...timeFilterOf(time, now) };
  const wrong: Asked["wrong"] = [];
  const refuse = (key: Key, message: string) =>
    wrong.push({ term: termText(key, terms[key] ?? ""), message });
  if (text !== undefined) filter.text = text;
  if (model !== undefined) filter.model = modelOf(model, facets?.models);
  if (client !== undefined) filter.client = pick(client, facets?.clients) ?? client;
  if (account !== undefined) filter.account = idOf(account, facets?.accounts);
  if (error !== undefined) filter.errorKind = error;
  if (used !== undefined) filter.usedModel = used;
  if (key !== undefined) filter.key = idOf(key, facets?.keys);
  if (show === "errors") filter.outcome = "failed";
  if (show === "failed-over") filter.failedOver = true;
  if (show === "slow") filter.slowerThanMs = SLOW_MS;
  if (via !== undefined) {
    const lane = VIA_WORDS[via.toLowerCase()];
    if (lane === undefined) filter.route = via;
    else filter.lane = lane;
  }
  if (protocol !== undefined) {
    const known = PROTOCOLS.find((each) => each === protocol.toLowerCase());
    if (known === undefined) refuse("protocol", t("“protocol:” can be {0}.", PROTOCOLS.join(", ")));
    else filter.protocol = known;
  }
  const outcome = STATUS_WORDS[status?.toLowerCase() ?? ""];
  if (outcome !== undefined) filter.outcome = outcome;
  else if (status !== undefined && /^[0-9]{3}$/.test(status)) filter.status = Number(status);
  for (const key of RANGE_KEYS) {
    const value = terms[key];
    if (value === undefined || (key === "status" && (outcome ?? filter.status) !== undefined)) continue;
    const range = rangeOf(key, value);
    if (range === undefined) refuse(key, rangeHelp(key));
    else filter.ranges = { ...filter.ranges, [RANGE_FIELDS[key]]: range };
  }
  return { filter, wrong };
}

const RANGE_KEYS = Object.keys(RANGE_FIELDS) as RangeKey[];

function rangeHelp(key: RangeKey): string {
  switch (key) {
    case "took":
      return t("“took:” can be {0}.", ">10s, <500ms, >=2min");
    case "cost":
      return t("“cost:” can be {0}.", ">0.1, <=0.02");
    case "tokens":
      return t("“tokens:” can be {0}.", ">50k, <=1M");
    case "status":
      return t(
        "“status:” can be a number such as 429, a range such as >=400 or 5xx, or {0}.",
        Object.keys(STATUS_WORDS).join(", "),
      );
  }
}

/** What is typed of a model's name is enough. */
function modelOf(typed: string, models: readonly string[] | undefined): string {
  if (typed.includes("*") || models === undefined) return typed;
  const exact = models.find((each) => each === typed) ?? models.find((each) => same(each, typed));
  return exact ?? `*${typed}*`;
}

/** Of an account or a key, by its label. */
function idOf(typed: string, known: readonly { id: string; label: string }[] = []): string {
  if (known.some(({ id }) => id === typed)) return typed;
  const label = pick(
    typed,
    known.map((each) => each.label),
  );
  return known.find((each) => each.label === label)?.id ?? typed;
}

/** The one that is meant: the same, or the first that holds it. */
function pick(typed: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || typed === NO_NAME) return undefined;
  return (
    values.find((each) => each === typed) ??
    values.find((each) => same(each, typed)) ??
    values.find((each) => each.toLowerCase().includes(typed.toLowerCase()))
  );
}

/** Whether a request that has just come belongs to the list. */
export function fits(row: Pick<RequestRow, FilteredField>, filter: RequestFilter): boolean {
  const { from, to, slowerThanMs, model, usedModel, ranges = {} } = filter;
  if (from !== undefined && row.time < from) return false;
  if (to !== undefined && row.time >= to) return false;
  if (slowerThanMs !== undefined && row.durationMs < slowerThanMs) return false;
  if (FILTERED.some((name) => filter[name] !== undefined && (row[name] ?? NO_NAME) !== filter[name]))
    return false;
  if (usedModel !== undefined && (row.modelUsed ?? row.model ?? NO_NAME) !== usedModel) return false;
  if (model !== undefined && ![row.model, row.modelUsed].some((name) => name && matches(model, name)))
    return false;
  for (const field of RANGED) {
    const range = ranges[field];
    if (range !== undefined && !inRange(rangedValue(row, field), range)) return false;
  }
  const text = filter.text?.trim().toLowerCase();
  if (text === undefined || text === "") return true;
  return SEARCHED.some((name) => row[name]?.toLowerCase().includes(text));
}

export function isFiltered({ terms, show, time }: FilterState): boolean {
  return Object.keys(terms).length > 0 || show !== "all" || time.kind !== "any";
}

function keyOf(name: string | undefined): Key | undefined {
  return KEYS.find((key) => key === name);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
