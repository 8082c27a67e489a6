/** What the filter offers while one types. Pure. */

import { PROTOCOLS } from "../../../control/protocol.ts";
import type { RequestFacets } from "../../../control/requests.ts";
import type { Offer } from "../../components/Combobox.tsx";
import { KEYS, type Key, STATUS_WORDS, termText, tokensOf } from "./filter.ts";

const MOST = 12;
const STATUSES = [
  ...Object.keys(STATUS_WORDS),
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
  const put = (label: string, inserted: string, goesOn: boolean): Offer => {
    const before = text.slice(0, start);
    const after = text.slice(end).replace(/^\s+/, "");
    const piece = goesOn ? inserted : `${inserted} `;
    return { label, text: `${before}${piece}${after}`, caret: before.length + piece.length };
  };
  if (token?.key === undefined) {
    const typed = token?.value.toLowerCase() ?? "";
    if (typed === "" && !all) return [];
    const keys = KEYS.filter((key) => key.startsWith(typed)).map((key) => put(`${key}:`, `${key}:`, true));
    const values =
      typed.length < 2
        ? []
        : KEYS.filter((key) => key !== "status").flatMap((key) =>
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
  }
}
