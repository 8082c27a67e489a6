/** The view in the activity bar: does it work, what is left, what just happened, in 200 pixels. */
import { signal } from "@preact/signals";
import { t } from "@vscode/l10n";
import { render } from "preact";
import type { RequestRow } from "../control/requests.ts";
import { AccountList } from "./components/AccountList.tsx";
import { FrameProblem, Strip } from "./components/AppFrame.tsx";
import { AttentionList } from "./components/AttentionList.tsx";
import { Button } from "./components/Button.tsx";
import { Empty, Shown } from "./components/Message.tsx";
import { RequestTwoLines } from "./components/RequestLines.tsx";
import { Section } from "./components/Section.tsx";
import { useRows } from "./components/Table.tsx";
import { LiveRegion } from "./components/Toast.tsx";
import { format } from "./labels.ts";
import { rootElement } from "./start.ts";
import { useNow } from "./state/clock.ts";
import { contextMenu } from "./state/contextMenu.ts";
import { keepFocus } from "./state/focus.ts";
import { accounts, knownAccounts, latestRequests, status, useLive } from "./state/gateway.ts";
import { readyOf, useLoaded } from "./state/loaded.ts";
import { needsOf } from "./state/needs.ts";
import { go } from "./state/route.ts";
import { call, on } from "./transport.ts";

const LAST_REQUESTS = 8;

/** The panel is on the screen, which says what needs the person. */
const inPanel = signal(false);
on("panel", ({ visible }) => {
  inPanel.value = visible;
});

function Sidebar() {
  useLive("accounts");
  useLive("requests");
  const first = readyOf(accounts.value)?.length === 0;
  return (
    <div class="frame sidebar">
      <Strip />
      <FrameProblem />
      <main class="page" tabIndex={-1} aria-label="Portico">
        {!first && !inPanel.value && <Needs />}
        {first ? (
          <First />
        ) : (
          <Shown of={accounts.value}>{(all) => <AccountList accounts={all} quotas={1} />}</Shown>
        )}
        <Shown of={latestRequests.value}>
          {(rows) => (rows.length === 0 ? null : <Requests rows={rows.slice(0, LAST_REQUESTS)} />)}
        </Shown>
        <Button onClick={() => go("dashboard")}>{t("Open the dashboard")}</Button>
      </main>
      <LiveRegion />
    </div>
  );
}

function Needs() {
  const now = useNow();
  const budgets = useLoaded((signal) => call("budgets.list", undefined, { signal }));
  if (status.value === undefined) return null;
  const known = {
    problems: status.value.problems,
    accounts: knownAccounts(),
    budgets: readyOf(budgets.state.value) ?? [],
  };
  return <AttentionList needs={needsOf(known, format, now)} />;
}

function First() {
  return (
    <Empty
      action={
        <Button kind="primary" icon="add" onClick={() => go("accounts", { add: "choose" })}>
          {t("Add the first account")}
        </Button>
      }
    >
      {t("No account yet. Until there is one, the sandbox answers, at no cost.")}
    </Empty>
  );
}

function Requests({ rows: shown }: { rows: readonly RequestRow[] }) {
  const rows = useRows(shown, ({ id }) => go("monitor", { request: id }));
  return (
    <Section title={t("Last requests")}>
      <ul class="lines" ref={rows.list}>
        {shown.map((row, i) => (
          <li key={row.id} {...rows.of(i)} {...contextMenu("request", { request: row.id })}>
            <RequestTwoLines row={row} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

keepFocus();
render(<Sidebar />, rootElement());
