/** Names of the settings below `portico.`; a test compares them with `package.json` and the gateway's schema. */
export const SETTING_KEYS = [
  "port",
  "allowLanAccess",
  "auth.mode",
  "allowedOrigins",
  "allowedHosts",
  "upstream.connectTimeoutMs",
  "upstream.headersTimeoutMs",
  "upstream.idleTimeoutMs",
  "upstream.retryDeadlineMs",
  "upstream.maxAttempts",
  "upstream.heartbeatMs",
  "upstream.retryAfterReset",
  "limits.bodyBytes",
  "responses.onDisk",
] as const;

export type SettingKey = (typeof SETTING_KEYS)[number];

/** Concerns the window, not the gateway. */
export const AUTO_START_KEY = "autoStart";

/** `[["auth.mode", "off"]]` -> `{auth: {mode: "off"}}`, without what has no value. */
export function nestSettings(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (value === undefined || value === null) continue;
    const [group, name] = key.split(".");
    if (group === undefined) continue;
    if (name === undefined) nested[group] = value;
    else nested[group] = { ...(nested[group] as Record<string, unknown> | undefined), [name]: value };
  }
  return nested;
}
