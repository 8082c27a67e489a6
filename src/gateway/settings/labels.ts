/** What the settings that a person changes from the pages are called. */
import type { SettingName } from "../../control/settings.ts";

/** As a person reads them. */
export const SETTING_WORDS: Readonly<Record<SettingName, string>> = {
  port: "Port",
  allowLanAccess: "LAN access",
  allowedOrigins: "Allowed web origins",
  allowedHosts: "Allowed host names",
  "auth.mode": "Who needs the key",
  "scheduling.strategy": "Strategy",
  "scheduling.stickyWaitMs": "Wait for a conversation's account",
  "scheduling.waitMs": "Wait until an account is ready",
  "scheduling.pinned": "Pinned account",
  "scheduling.protectBelowPercent": "Protect quotas below",
  "quotas.refreshMinutes": "Minutes between quota checks",
  "background.enabled": "Background requests to another model",
  "background.to": "Models for background requests",
  budgets: "Budgets",
  prices: "Prices",
  "records.enabled": "Record requests",
  "records.maxAgeDays": "Days to keep requests",
  "records.maxRows": "Requests to keep",
  "records.maxBytes": "Size of the records",
  "records.bodies": "Record bodies",
  "records.bodyMaxBytes": "Size of one recorded body",
  "records.bodiesMaxBytes": "Size of all recorded bodies",
  "records.bodiesMaxHours": "Hours to keep bodies",
  replyHeaders: "Reply headers",
  "responses.onDisk": "Keep stored responses on disk",
};

export const SETTING_NAMES = Object.keys(SETTING_WORDS) as SettingName[];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTING_WORDS, name);
}
