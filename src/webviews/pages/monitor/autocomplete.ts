/** What the filter offers while one types. Pure. */
import { t } from "@vscode/l10n";
import { PROTOCOLS } from "../../../control/protocol.ts";
import type { RequestFacets } from "../../../control/requests.ts";
import type { Offer } from "../../components/Combobox.tsx";
import { KEYS, type Key, STATUS_WORDS, termText, tokensOf, VIA_WORDS } from "./filter.ts";

const MOST = 12;
/** Keys whose values are names that may be typed without it. */
const NAMED: readonly Key[] = ["model", "client", "account", "protocol"];
const ERRORS = [
  "rate_limit",
  "quota",
  "authentication",
  "invalid_request",
  "model_not_found",
  "context_too_long",
  "overloaded",
  "upstream",
  "timeout",
  "network",
  "broken",
  "cut",
];
const STATUSES = [
  ...Object.keys(STATUS_WORDS),
  ">=400",
  "5xx",
  "400",
  "401",
  "403",
  "404",
  "429",
  "500",
  "502",
  "503",
  "529",
];

/** What could stand where the caret is; `all`: also where nothing was typed yet. */
export function offersFor(
  text: string,
  caret: number,
  facets: RequestFacets | undefined,
  all = false,
): Offer[] {
  const token = tokensOf(text).find(({ start, end }) => start < caret && caret <= end);
  const start = token?.start ?? caret;
  const end = token?.end ?? caret;
  const put = (label: string, inserted: string, goesOn: boolean, hint?: string): Offer => {
    const before = text.slice(0, start);
    const after = text.slice(end).replace(/^\s+/, "");
    const piece = goesOn ? inserted : `${inserted} `;
    const whole = `${before}${piece}${after}`;
    return {
      label,
      text: whole,
      caret: before.length + piece.length,
      ...(hint === undefined ? {} : { hint }),
    };
  };
  if (token?.key === undefined) {
    const typed = token?.value.toLowerCase() ?? "";
    if (typed === "" && !all) return [];
    const keys = KEYS.filter((key) => key.startsWith(typed)).map((key) =>
      put(`${key}:`, `${key}:`, true, hintOf(key, facets)),
    );
    const values =
      typed.length < 2
        ? []
        : KEYS.filter((key) => NAMED.includes(key)).flatMap((key) =>
            valuesOf(key, facets)
              .filter((value) => value.toLowerCase().includes(typed))
              .slice(0, 4)
              .map((value) => put(termText(key, value), termText(key, value), false)),
          );
    return [...keys, ...values].slice(0, MOST);
  }
  const { key, value } = token;
  return valuesOf(key, facets)
    .filter((each) => each.toLowerCase().includes(value.toLowerCase()) && each !== value)
    .slice(0, MOST)
    .map((each) => put(each, termText(key, each), false));
}

function valuesOf(key: Key, facets: RequestFacets | undefined): readonly string[] {
  switch (key) {
    case "model":
      return facets?.models ?? [];
    case "client":
      return facets?.clients ?? [];
    case "account":
      return facets?.accounts.map(({ label }) => label) ?? [];
    case "protocol":
      return facets?.protocols ?? PROTOCOLS;
    case "status":
      return STATUSES;
    case "via":
      return Object.keys(VIA_WORDS);
    case "used":
      return facets?.models ?? [];
    case "error":
      return ERRORS;
    case "took":
      return [">10s", ">1min", "<1s"];
    case "cost":
      return [">0.1", ">1", "<0.01"];
    case "tokens":
      return [">50k", ">200k", "<1k"];
    case "key":
      return facets?.keys?.map(({ label }) => label) ?? [];
  }
}

/** What a key is for, with how much there is of it. */
function hintOf(key: Key, facets: RequestFacets | undefined): string {
  switch (key) {
    case "model":
      return t("asked for or used, {0} known", facets?.models.length ?? 0);
    case "used":
      return t("the model that answered");
    case "client":
      return t("{0} seen", facets?.clients.length ?? 0);
    case "account":
      return t("{0} used", facets?.accounts.length ?? 0);
    case "via":
      return t("translation, passthrough, or a route");
    case "error":
      return t("its kind, such as {0}", "rate_limit");
    case "status":
      return "429, >=400, 5xx, failed";
    case "protocol":
      return t("the client’s");
    case "took":
      return t("such as {0}", ">10s");
    case "cost":
      return t("such as {0}", ">0.1");
    case "tokens":
      return t("such as {0}", ">50k");
    case "key":
      return t("the name or id of a client’s key");
  }
}
