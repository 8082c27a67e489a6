/** What the guard goes by, as the settings have it. */
import { KeyRing } from "../../keys/keyRing.ts";
import type { Settings } from "../../settings/settings.ts";
import type { GuardPolicy } from "./guard.ts";

/**
 * @param keyFailure why the gateway's own key cannot be read now, for a person
 * @param now milliseconds since 1970
 */
export function policyOf(settings: Settings, keyFailure: string | undefined, now: () => number): GuardPolicy {
  const { auth, allowLanAccess, allowedOrigins, allowedHosts } = settings;
  const { mode: authMode, apiKey } = auth;
  const keys = KeyRing.of(settings, now);
  return { authMode, apiKey, keyFailure, keys, allowLanAccess, allowedOrigins, allowedHosts };
}
