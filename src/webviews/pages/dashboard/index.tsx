/** Does it work, what is left, what just happened: in ten seconds. What needs the person comes first. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../../control/accounts.ts";
import { AccountList } from "../../components/AccountList.tsx";
import { AttentionList } from "../../components/AttentionList.tsx";
import { Button } from "../../components/Button.tsx";
import { Empty, Shown, Skeleton } from "../../components/Message.tsx";
import { RequestLines } from "../../components/RequestLines.tsx";
import { Section } from "../../components/Section.tsx";
import { format } from "../../labels.ts";
import { useNow } from "../../state/clock.ts";
import { accounts, latestRequests, status, useLive } from "../../state/gateway.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { needsOf } from "../../state/needs.ts";
import { useRenewed } from "../../state/renewed.ts";
import { go } from "../../state/route.ts";
import { Clients } from "./Clients.tsx";
import { FirstAccount } from "./FirstAccount.tsx";
import { Numbers } from "./Numbers.tsx";
import { loadToday, type TodayView } from "./today.ts";

const NOW_ROWS = 12;

export default function Dashboard() {
  useLive("accounts");
  useLive("requests");
  const today = useLoaded(loadToday);
  useRenewed(latestRequests.value, today.reload);
  const known = readyOf(accounts.value);
  if (known !== undefined && known.length === 0 && status.value?.accounts === 0) {
    const tried = (readyOf(latestRequests.value) ?? []).length > 0;
    return (
      <>
        <Needs accounts={known} today={undefined} quiet />
        <FirstAccount />
        {tried && <Now />}
      </>
    );
  }
  const numbers = readyOf(today.state.value);
  return (
    <>
      <div class="dashboard">
        <div class="in-need">
          <Needs accounts={known ?? []} today={numbers} />
        </div>
        <div class="in-numbers">
          <Shown of={today.state.value} retry={today.reload} lines={4}>
            {(value) => <Numbers today={value.today} budgets={value.budgets} />}
          </Shown>
        </div>
        <div class="in-accounts">
          <Shown of={accounts.value} lines={6}>
            {(value) => <AccountList accounts={value} quotas={2} />}
          </Shown>
        </div>
        <div class="in-clients">
          {numbers === undefined ? <Skeleton /> : <Clients seen={numbers.clients} />}
        </div>
      </div>
      <Now />
    </>
  );
}

function Now() {
  return (
    <Section
      title={t("Now")}
      aside={activeLabel(status.value?.active ?? 0)}
      end={
        <Button kind="link" onClick={() => go("monitor", {})}>
          {t("All requests")}
        </Button>
      }
    >
      <Shown of={latestRequests.value} lines={6}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty
              shape="lines"
              action={<Button onClick={() => go("connect")}>{t("Connect a client")}</Button>}
            >
              {t("Requests show up here as they are answered. Point a client at the address above.")}
            </Empty>
          ) : (
            <RequestLines
              label={t("The last requests")}
              rows={rows.slice(0, NOW_ROWS)}
              onOpen={({ id }) => go("monitor", { request: id })}
            />
          )
        }
      </Shown>
    </Section>
  );
}

/** @param quiet nothing is said where nothing is needed */
function Needs(props: { accounts: ListedAccount[]; today: TodayView | undefined; quiet?: boolean }) {
  const { accounts: known, today, quiet = false } = props;
  const now = useNow();
  const problems = status.value?.problems ?? [];
  // Before anything is known, nothing can be said, and that nothing is needed least of all.
  if (status.value === undefined) return null;
  const needs = needsOf({ problems, accounts: known, budgets: today?.budgets ?? [] }, format, now);
  return quiet && needs.length === 0 ? null : <AttentionList needs={needs} />;
}

function activeLabel(active: number): string | undefined {
  if (active === 0) return undefined;
  return active === 1 ? t("1 under way") : t("{0} under way", format.count(active));
}
