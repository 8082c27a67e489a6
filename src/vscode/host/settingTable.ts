/** The settings that VS Code keeps, below `portico.`. Made by `npm run settings` of the gateway's own. */

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
  "telemetry.endpoint",
  "telemetry.content",
  "clients.restoreAtExit",
  "responses.onDisk",
] as const;

export type SettingKey = (typeof SETTING_KEYS)[number];

/** As JSON schemas have it. */
export type SettingTakes =
  | { readonly type: "boolean" }
  | { readonly type: "string"; readonly enum?: readonly string[] }
  | { readonly type: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly type: "array"; readonly maxItems: number };

/** Those that the pages change. */
export const CHANGED_BY_PAGES = {
  port: { type: "integer", minimum: 0, maximum: 65535 },
  allowLanAccess: { type: "boolean" },
  "auth.mode": { type: "string", enum: ["off", "strict", "all_except_health", "auto"] },
  allowedOrigins: { type: "array", maxItems: 100 },
  allowedHosts: { type: "array", maxItems: 100 },
  "responses.onDisk": { type: "boolean" },
} as const satisfies Partial<Record<SettingKey, SettingTakes>>;
