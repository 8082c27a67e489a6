/** A person's filter as a condition in SQL. */
import { type FilteredFields, fieldsWhere } from "../../../control/requestFields.ts";
import {
  NO_NAME,
  type NumberRange,
  RANGED,
  type RangedField,
  type RequestFilter,
} from "../../../control/requests.ts";
import { matches } from "../../../control/wildcard.ts";
import type { Database, SqlValue } from "../../common/sqlite.ts";
import { NANO } from "./codes.ts";
import { requestColumns } from "./columns.ts";

export interface Condition {
  readonly sql: string;
  readonly values: SqlValue[];
}

/** Makes what conditions call known to the database. */
export function addFilterFunctions(database: Database): void {
  const options = { deterministic: true, directOnly: true } as const;
  database.function("has_text", options, (text, part) =>
    Number(typeof text === "string" && text.toLowerCase().includes(String(part))),
  );
  database.function("fits_model", options, (word, pattern) => Number(matches(String(pattern), String(word))));
}

const WORDS_WITH_TEXT = "(SELECT id FROM words WHERE has_text(word, ?))";
const ONE_WORD = "(SELECT id FROM words WHERE word = ?)";
const FILTERED = fieldsWhere(({ filtered }) => filtered === true) as (keyof FilteredFields)[];

/** Amounts are kept as 1e-9 USD; what is NULL is in no range. */
const RANGED_COLUMNS: Readonly<Record<RangedField, { column: string; scale?: number }>> = {
  durationMs: { column: "duration" },
  cost: { column: "cost", scale: NANO },
  tokens: { column: "(input + output)" },
  status: { column: "status" },
};
const SIGNS = [
  ["above", ">"],
  ["atLeast", ">="],
  ["below", "<"],
  ["atMost", "<="],
] as const satisfies readonly (readonly [keyof NumberRange, string])[];

/** All that is given must hold. */
export function conditionOf(filter: RequestFilter): Condition {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const add = (sql: string, ...more: SqlValue[]): void => {
    parts.push(sql);
    values.push(...more);
  };
  const { from, to, slowerThanMs, model, usedModel } = filter;
  if (from !== undefined) add("time >= ?", from);
  if (to !== undefined) add("time < ?", to);
  if (slowerThanMs !== undefined) add("duration >= ?", slowerThanMs);
  for (const name of RANGED) {
    const { column, scale = 1 } = RANGED_COLUMNS[name];
    for (const [bound, sign] of SIGNS) {
      const value = filter.ranges?.[name]?.[bound];
      if (value !== undefined) add(`${column} ${sign} ?`, value * scale);
    }
  }
  for (const name of FILTERED) {
    const value = filter[name];
    if (value === undefined) continue;
    const condition = requestColumns.equals(name, value);
    add(condition.sql, ...condition.values);
  }
  if (usedModel === NO_NAME) add("modelUsed = 0 AND model = 0");
  else if (usedModel !== undefined) add(`iif(modelUsed = 0, model, modelUsed) IN ${ONE_WORD}`, usedModel);
  if (model !== undefined) {
    const words = model.includes("*") ? "(SELECT id FROM words WHERE fits_model(word, ?))" : ONE_WORD;
    add(`(model IN ${words} OR modelUsed IN ${words})`, model, model);
  }
  const text = filter.text?.trim().toLowerCase();
  if (text !== undefined && text !== "") {
    const [named, texts] = [requestColumns.searched("name"), requestColumns.searched("text")];
    const id = text.startsWith("req_") ? text.slice(4) : text;
    add(
      `(${named.map((column) => `${column} IN ${WORDS_WITH_TEXT} OR `).join("")}` +
        `${texts.map((column) => `(${column} IS NOT NULL AND has_text(${column}, ?)) OR `).join("")}` +
        "id LIKE ? ESCAPE '\\')",
      ...[...named, ...texts].map(() => text),
      `%${id.replace(/[\\%_]/g, "\\$&")}%`,
    );
  }
  return { sql: parts.length === 0 ? "1" : parts.join(" AND "), values };
}
