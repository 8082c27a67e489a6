/** What is always there of what several methods and events answer. */

import type { ListedAccount } from "../accounts.ts";
import type { AccountView, CheckResult, Status } from "../contract.ts";
import { fieldsWhere, REQUEST_FIELDS } from "../requestFields.ts";
import type { RequestRow } from "../requests.ts";
import type { SettingsView } from "../settings.ts";
import type { Latency, StatsSums } from "../stats.ts";
import type { Shape } from "./method.ts";

export const check: Shape<CheckResult> = { ok: "boolean" };
export const account: Shape<AccountView> = {
  id: "string",
  provider: "string",
  label: "string",
  priority: "number",
  enabled: "boolean",
  protocols: ["string"],
  readOnly: "boolean",
};
const hold = { condition: "string", reason: "string" } as const;
export const accounts: Shape<ListedAccount[]> = [
  {
    ...account,
    state: "string",
    held: [hold],
    quotas: [{ name: "string", unit: "string" }],
    credential: "string",
  },
];
export const status: Shape<Status> = {
  version: "string",
  proxy: { kind: "string" },
  authMode: "string",
  lan: "boolean",
  accounts: "number",
  sandboxOnly: "boolean",
  problems: [{ severity: "string", message: "string" }],
  held: [{ ...hold, account: "string", label: "string" }],
  ready: "number",
  active: "number",
};
/** A line of the list of requests. */
export const row = Object.fromEntries(
  fieldsWhere(({ always, listed }) => always === true && listed === true).map((name) => {
    const { holds } = REQUEST_FIELDS[name];
    const type =
      holds === "flag" ? "boolean" : ["seq", "time", "count"].includes(holds) ? "number" : "string";
    return [name, type];
  }),
) as Shape<RequestRow>;
export const sums: Shape<StatsSums> = {
  requests: "number",
  errors: "number",
  failedOver: "number",
  input: "number",
  cacheRead: "number",
  cacheWrite: "number",
  output: "number",
  reasoning: "number",
  cost: "number",
  unpriced: "number",
};
export const latency: Shape<Latency> = {};
/** Single settings come and go with versions: `NO_SETTINGS` (`reading.ts`) stands in for those that are missing. */
export const settings = { values: {}, homes: {} } as Shape<
  Omit<SettingsView, "values" | "homes"> & { values: object; homes: object }
> as Shape<SettingsView>;
