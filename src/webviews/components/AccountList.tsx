/** A short list of accounts, as dashboard and sidebar have it. */
import { t } from "@vscode/l10n";
import { ACCOUNT_STATES, type AccountState, type ListedAccount } from "../../control/accounts.ts";
import { worstState } from "../../control/holds.ts";
import { useNow } from "../state/clock.ts";
import { contextMenu } from "../state/contextMenu.ts";
import { go } from "../state/route.ts";
import { AccountLine } from "./AccountLine.tsx";
import { Button } from "./Button.tsx";
import { Section } from "./Section.tsx";
import { useRows } from "./Table.tsx";

const MOST = 8;
/** `4 ready, 1 waiting, 1 needs you`; an account of which one model waits counts as waiting. */
export function summary(accounts: readonly ListedAccount[], now: number): string {
  const counts = new Map<string, number>();
  for (const account of accounts) {
    const state = worstState(account, now);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const words: Record<AccountState, (n: number) => string> = {
    ready: (n) => t("{0} ready", n),
    cooling: (n) => t("{0} waiting", n),
    exhausted: (n) => t("{0} used up", n),
    "needs-attention": (n) => (n === 1 ? t("1 needs you") : t("{0} need you", n)),
    disabled: (n) => t("{0} off", n),
  };
  return ACCOUNT_STATES.flatMap((state) => {
    const count = counts.get(state);
    return count === undefined ? [] : [words[state](count)];
  }).join(", ");
}

/**
 * Those at work first: what was used last is what one looks for.
 * @param quotas lines of each account's quotas
 */
export function AccountList({ accounts, quotas }: { accounts: readonly ListedAccount[]; quotas: number }) {
  const shown = accounts
    .toSorted((a, b) => (b.lastUsed ?? 0) - (a.lastUsed ?? 0) || b.priority - a.priority)
    .slice(0, MOST);
  const rows = useRows(shown, ({ id }) => go("accounts", { id }));
  return (
    <Section
      title={t("Accounts")}
      aside={summary(accounts, useNow())}
      end={
        <Button kind="link" onClick={() => go("accounts")}>
          {accounts.length > shown.length ? t("All {0}", accounts.length) : t("Manage")}
        </Button>
      }
    >
      <ul class="lines account-lines" ref={rows.list}>
        {shown.map((account, i) => (
          <li key={account.id} {...rows.of(i)} {...contextMenu("account", { id: account.id })}>
            <AccountLine account={account} most={quotas} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
