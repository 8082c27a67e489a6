/** What the guard goes by, as the settings have it. */
import type { Settings } from "../../settings/settings.ts";
import type { GuardPolicy } from "./guard.ts";

/** @param keyTrouble why the gateway's own key cannot be read now, for a person */
export function policyOf(settings: Settings, keyTrouble: string | undefined): GuardPolicy {
  const { auth, allowLanAccess, allowedOrigins, allowedHosts } = settings;
  const { mode: authMode, apiKey } = auth;
  return { authMode, apiKey, keyTrouble, allowLanAccess, allowedOrigins, allowedHosts };
}
