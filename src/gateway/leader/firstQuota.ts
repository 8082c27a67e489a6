/** What a new account may use: read once it is there, for providers that tell. */
import type { AccountPool } from "../accounts/pool.ts";
import type { Clock } from "../common/ports.ts";
import { within } from "../common/sleep.ts";

/** Milliseconds that adding an account waits for it; an answer that comes later is taken all the same. */
export const FIRST_QUOTA_MS = 5000;

/** Never rejects: an account whose quota cannot be read is added like any other. */
export async function readFirstQuota(
  pool: Pick<AccountPool, "refreshQuotas">,
  ids: readonly string[],
  { clock, onLate }: { readonly clock: Clock; readonly onLate: () => void },
): Promise<void> {
  let late = false;
  const reading = pool.refreshQuotas(new Set(ids)).then(() => {
    if (late) onLate();
  });
  await within(FIRST_QUOTA_MS, clock, reading);
  late = true;
}
