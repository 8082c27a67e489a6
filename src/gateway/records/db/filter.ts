/** A person's filter as a condition in SQL. */
import type { RequestFilter } from "../../../control/requests.ts";
import type { Database, SqlValue } from "../../common/sqlite.ts";
import { matches } from "../../common/wildcard.ts";
import { FLAG, outcomeCode, protocolCode } from "./codes.ts";

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

/** All that is given must hold. */
export function conditionOf(filter: RequestFilter): Condition {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const add = (sql: string, ...more: SqlValue[]): void => {
    parts.push(sql);
    values.push(...more);
  };
  const { from, to, outcome, failedOver, slowerThanMs, status, client, protocol, model, account } = filter;
  if (from !== undefined) add("time >= ?", from);
  if (to !== undefined) add("time < ?", to);
  if (outcome !== undefined) add("outcome = ?", outcomeCode.to(outcome));
  if (failedOver !== undefined) add(`(flags & ${FLAG.failedOver}) ${failedOver ? "<>" : "="} 0`);
  if (slowerThanMs !== undefined) add("duration >= ?", slowerThanMs);
  if (status !== undefined) add("status = ?", status);
  if (protocol !== undefined) add("protocol = ?", protocolCode.to(protocol));
  if (client !== undefined) add(`client IN ${ONE_WORD}`, client);
  if (account !== undefined) add(`account IN ${ONE_WORD}`, account);
  if (model !== undefined) {
    const words = model.includes("*") ? "(SELECT id FROM words WHERE fits_model(word, ?))" : ONE_WORD;
    add(`(model IN ${words} OR modelUsed IN ${words})`, model, model);
  }
  const text = filter.text?.trim().toLowerCase();
  if (text !== undefined && text !== "") {
    const named = ["model", "modelUsed", "account", "label", "client", "path", "kind"];
    const id = text.startsWith("req_") ? text.slice(4) : text;
    add(
      `(${named.map((column) => `${column} IN ${WORDS_WITH_TEXT}`).join(" OR ")}` +
        " OR (error IS NOT NULL AND has_text(error, ?)) OR id LIKE ? ESCAPE '\\')",
      ...named.map(() => text),
      text,
      `%${id.replace(/[\\%_]/g, "\\$&")}%`,
    );
  }
  return { sql: parts.length === 0 ? "1" : parts.join(" AND "), values };
}
