/** Is an account a model server on this computer? What it has changes while one looks: models are pulled and loaded. */

import type { Account } from "../providers/account.ts";
import { isLoopback } from "./agents.ts";

/** Milliseconds for which a model that such a server lacks is not asked for again. */
export const LOCAL_MODEL_HOLD_MS = 3000;

export function isLocalServer({ endpoints, provider }: Pick<Account, "endpoints" | "provider">): boolean {
  if (provider.id === "sandbox") return false;
  for (const { base } of endpoints.values()) {
    const hostname = URL.parse(base)?.hostname;
    if (hostname !== undefined && isLoopback(hostname)) return true;
  }
  return false;
}
