/** The settings that a person changes from the pages: where each stands. */
import type { EditableSettings, SettingName, SettingsChange } from "../../control/settings.ts";
import type { BudgetRule } from "../../control/stats.ts";
import type { Settings } from "../settings/settings.ts";

/** Those that VS Code's own settings hold. */
export const IN_VSCODE: ReadonlySet<SettingName> = new Set<SettingName>([
  "port",
  "allowLanAccess",
  "allowedOrigins",
  "allowedHosts",
  "auth.mode",
  "responses.onDisk",
]);

export function editableOf(settings: Settings): EditableSettings {
  const { auth, scheduling, quotas, background, records, responses } = settings;
  return {
    port: settings.port,
    allowLanAccess: settings.allowLanAccess,
    allowedOrigins: [...settings.allowedOrigins],
    allowedHosts: [...settings.allowedHosts],
    "auth.mode": auth.mode,
    "scheduling.strategy": scheduling.strategy,
    "scheduling.stickyWaitMs": scheduling.stickyWaitMs,
    "scheduling.waitMs": scheduling.waitMs,
    "scheduling.pinned": scheduling.pinned ?? "",
    "scheduling.protectBelowPercent": scheduling.protectBelowPercent,
    "quotas.refreshMinutes": quotas.refreshMinutes,
    "background.enabled": background.enabled,
    "background.to": [...background.to],
    budgets: settings.budgets.map(
      ({ account, ...rest }): BudgetRule => ({ ...rest, ...(account === undefined ? {} : { account }) }),
    ),
    prices: settings.prices.map(({ account, cacheRead, cacheWrite, ...rest }) => ({
      ...rest,
      ...(account === undefined ? {} : { account }),
      ...(cacheRead === undefined ? {} : { cacheRead }),
      ...(cacheWrite === undefined ? {} : { cacheWrite }),
    })),
    "records.enabled": records.enabled,
    "records.maxAgeDays": records.maxAgeDays,
    "records.maxRows": records.maxRows,
    "records.maxBytes": records.maxBytes,
    "records.bodies": records.bodies,
    "records.bodyMaxBytes": records.bodyMaxBytes,
    "records.bodiesMaxBytes": records.bodiesMaxBytes,
    "records.bodiesMaxHours": records.bodiesMaxHours,
    replyHeaders: settings.replyHeaders,
    "responses.onDisk": responses.onDisk,
  };
}

/** Puts them where the settings have them: `{"auth.mode": "off"}` into `{auth: {…}}`. Returns a copy. */
export function withEditable(
  input: Readonly<Record<string, unknown>>,
  change: SettingsChange,
): Record<string, unknown> {
  const out: Record<string, unknown> = { ...input };
  for (const [name, value] of Object.entries(change)) {
    const [group = "", field] = name.split(".");
    if (field === undefined) {
      out[group] = value;
      continue;
    }
    const before = out[group];
    const fields: Record<string, unknown> = isObject(before) ? { ...before } : {};
    fields[field] = value;
    if (name === "scheduling.pinned" && value === "") delete fields[field];
    out[group] = fields;
  }
  return out;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
