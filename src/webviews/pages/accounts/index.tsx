/** Accounts: how each fares, what to do about it, and everything that adds, moves and removes them. */

import { signal } from "@preact/signals";
import { t } from "@vscode/l10n";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ListedAccount } from "../../../control/accounts.ts";
import type { ProviderView } from "../../../control/contract.ts";
import { summary } from "../../components/AccountList.tsx";
import { Button, IconButton } from "../../components/Button.tsx";
import { FilterField, Select } from "../../components/Field.tsx";
import { Menu } from "../../components/Menu.tsx";
import { Empty, Problem, Shown } from "../../components/Message.tsx";
import { ProviderFilter, providerLabel } from "../../components/ProviderFilter.tsx";
import { rowTarget } from "../../components/rows.ts";
import { toast } from "../../components/Toast.tsx";
import { TrySandbox } from "../../components/TrySandbox.tsx";
import { useAction } from "../../state/action.ts";
import { now } from "../../state/clock.ts";
import { accounts, settings, useLive } from "../../state/gateway.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { remembered } from "../../state/memory.ts";
import { query, setQuery } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { AccountItem } from "./AccountItem.tsx";
import { AddAccount } from "./add/AddAccount.tsx";
import { BulkBar, SummaryOfWork } from "./BulkBar.tsx";
import { Details } from "./Details.tsx";
import type { AccountDialog } from "./dialogs.ts";
import { ExportAccounts } from "./Export.tsx";
import { findAccounts, SORTS, type Sort, STATES, type StateFilter } from "./find.ts";
import { accountCount, sortLabel, stateFilterLabel } from "./labels.ts";
import { RemoveAccounts } from "./Remove.tsx";
import { SignInAgain } from "./SignInAgain.tsx";
import { bulk, refreshQuotas } from "./work.ts";

/** Shown before "Show all": a list longer than that is searched, not read. */
const FIRST = 200;

const view = remembered<"list" | "cards">("accounts.view", "list", isView);
const sort = remembered<Sort>("accounts.sort", "attention", isSort);
const chosenIds = signal<ReadonlySet<string>>(new Set());

function choose(ids: readonly string[]): void {
  chosenIds.value = new Set(ids);
}

export default function Accounts() {
  useLive("accounts");
  useLive("settings");
  const providers = useLoaded((abort) => call("providers.list", undefined, { signal: abort }));
  const [dialog, setDialog] = useState<AccountDialog>();
  const close = () => setDialog(undefined);
  const { add } = query.value;
  const all = readyOf(providers.state.value) ?? [];
  return (
    <div class="accounts-page">
      <Shown of={accounts.value} lines={6}>
        {(list) => <Filled list={list} providers={all} onAsk={setDialog} />}
      </Shown>
      {add !== undefined && (
        <AddAccount
          providers={providers}
          kind={add}
          onKind={(kind) => setQuery({ add: kind })}
          onClose={() => setQuery({ add: undefined })}
        />
      )}
      {dialog?.kind === "again" && <SignInAgain account={dialog.account} providers={all} onClose={close} />}
      {dialog?.kind === "remove" && (
        <RemoveAccounts chosen={dialog.chosen} onClose={close} onRemoved={() => choose([])} />
      )}
      {dialog?.kind === "export" && <ExportAccounts chosen={dialog.chosen} onClose={close} />}
    </div>
  );
}

interface FilledProps {
  list: readonly ListedAccount[];
  providers: readonly ProviderView[];
  onAsk(dialog: AccountDialog): void;
}

function Filled({ list, providers, onAsk }: FilledProps) {
  const [all, setAll] = useState(false);
  const open = list.find(({ id }) => id === query.value.id);
  const wanted = readWanted();
  // Coarse on purpose: rows that change places while one aims at them are worse than an old order.
  const found = findAccounts(list, { ...wanted, sort: sort.value, reversed: false }, now.peek());
  const shown = all ? found : found.slice(0, FIRST);
  const chosen = list.filter(({ id }) => chosenIds.value.has(id));
  const container = useRef<HTMLDivElement>(null);
  const left = useRef<string | undefined>(undefined);
  const closeDetails = () => {
    left.current = query.peek().id;
    setQuery({ id: undefined });
  };
  // The row is there again, or was there all the time. Before the next key, which is meant for it.
  useLayoutEffect(() => {
    if (open === undefined) nameButton(container.current, left.current)?.focus();
    left.current = undefined;
  }, [open?.id]);
  if (list.length === 0) return <NoAccounts />;
  const configFile = readyOf(settings.value)?.configFile;
  return (
    <div class={open === undefined ? "accounts-split" : "accounts-split with-details"} ref={container}>
      <div class="accounts-main">
        <Toolbar list={list} providers={providers} onAsk={onAsk} />
        <p class="muted counts">{countLabel(list, found.length, now.peek())}</p>
        {chosen.length > 0 && <BulkBar chosen={chosen} shown={found} onChoose={choose} onAsk={onAsk} />}
        <SummaryOfWork />
        {found.length === 0 ? (
          <Empty action={<Button onClick={() => setQuery(NO_FILTER)}>{t("Show all accounts")}</Button>}>
            {t("No account matches.")}
          </Empty>
        ) : (
          <List shown={shown} open={open?.id} providers={providers} onAsk={onAsk} />
        )}
        {found.length > shown.length && (
          <Button onClick={() => setAll(true)}>{t("Show all {0}", found.length)}</Button>
        )}
      </div>
      {open !== undefined && (
        <Details
          account={open}
          provider={providerLabel(open.provider, providers)}
          configFile={configFile}
          onClose={closeDetails}
          onAsk={onAsk}
        />
      )}
      {open === undefined && query.value.id !== undefined && (
        <Problem
          tone="warn"
          actions={<Button onClick={() => setQuery({ id: undefined })}>{t("All accounts")}</Button>}
        >
          {t("That account is not here any more.")}
        </Problem>
      )}
    </div>
  );
}

function List(props: {
  shown: readonly ListedAccount[];
  open: string | undefined;
  providers: readonly ProviderView[];
  onAsk(dialog: AccountDialog): void;
}) {
  const { shown, open } = props;
  const [focused, setFocused] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  const current = shown.find(({ id }) => id === focused) ?? shown[0];
  const onKeyDown = (event: KeyboardEvent) => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || target.dataset.account === undefined) return;
    const at = shown.findIndex(({ id }) => id === target.dataset.account);
    const to = rowTarget(event.key, at, shown.length);
    if (to === undefined) return;
    event.preventDefault();
    nameButton(list.current, shown[to]?.id)?.focus();
  };
  return (
    <ul
      class={view.value === "cards" ? "accounts cards" : "accounts"}
      aria-label={t("Accounts")}
      ref={list}
      onKeyDown={onKeyDown}
      onFocusIn={({ target }) => {
        if (target instanceof HTMLElement && target.dataset.account !== undefined) {
          setFocused(target.dataset.account);
        }
      }}
    >
      {shown.map((account) => (
        <AccountItem
          key={account.id}
          account={account}
          provider={providerLabel(account.provider, props.providers)}
          open={account.id === open}
          chosen={chosenIds.value.has(account.id)}
          current={account.id === current?.id}
          onOpen={() => setQuery({ id: account.id })}
          onChoose={(chosen) => {
            const others = [...chosenIds.value].filter((id) => id !== account.id);
            choose(chosen ? [...others, account.id] : others);
          }}
          onAsk={props.onAsk}
        />
      ))}
    </ul>
  );
}

function Toolbar({ list, providers, onAsk }: FilledProps) {
  const { text, provider, state } = readWanted();
  const quotas = useAction(async () => {
    await refreshQuotas();
    toast(t("Limits were read anew"));
  });
  const all = useAction((kind: "test" | "clear") => bulk(kind, list));
  useEffect(() => {
    const problem = quotas.problem ?? all.problem;
    if (problem !== undefined) toast(problem, "problem");
  }, [quotas.problem, all.problem]);
  const held = list.filter((each) => each.held.length > 0);
  return (
    <div class="bar accounts-bar">
      <FilterField label={t("Filter accounts")} value={text} onInput={(value) => setQuery({ text: value })} />
      <ProviderFilter accounts={list} providers={providers} value={provider} />
      <Select
        label={t("State")}
        hideLabel
        value={state}
        options={STATES.map((value) => ({ value, label: stateFilterLabel(value) }))}
        onChange={(value) => setQuery({ state: value === "all" ? undefined : value })}
      />
      <Select
        label={t("Order")}
        hideLabel
        value={sort.value}
        options={SORTS.map((value) => ({ value, label: sortLabel(value) }))}
        onChange={(value) => {
          sort.value = value;
        }}
      />
      <span class="row views">
        <ViewButton icon="list-flat" label={t("List")} of="list" />
        <ViewButton icon="layout" label={t("Cards")} of="cards" />
      </span>
      <span class="row end">
        <Button kind="primary" icon="add" onClick={() => setQuery(ADD)}>
          {t("Add account")}
        </Button>
        <Menu
          label={t("More for all accounts")}
          items={[
            { label: t("Test all"), icon: "beaker", onSelect: () => all.run("test") },
            { label: t("Read all limits anew"), icon: "refresh", onSelect: () => quotas.run() },
            {
              label: t("Use all again now"),
              icon: "debug-restart",
              disabled: held.length === 0,
              onSelect: () => all.run("clear"),
            },
            {
              label: t("Select all"),
              icon: "checklist",
              onSelect: () => choose(list.map(({ id }) => id)),
            },
            "line",
            { label: t("Import…"), icon: "cloud-download", onSelect: () => setQuery({ add: "import" }) },
            {
              label: t("Export all…"),
              icon: "export",
              onSelect: () => onAsk({ kind: "export", chosen: list }),
            },
          ]}
        />
      </span>
    </div>
  );
}

function ViewButton({ of, ...button }: { of: "list" | "cards"; icon: string; label: string }) {
  return (
    <IconButton
      {...button}
      pressed={view.value === of}
      onClick={() => {
        view.value = of;
      }}
    />
  );
}

/** A query's value is never empty, so "choose" stands for the first step of the wizard. */
const ADD = { add: "choose" };
const NO_FILTER = { text: undefined, provider: undefined, state: undefined };

function readWanted(): { text: string; provider: string; state: StateFilter } {
  const { text = "", provider = "", state } = query.value;
  return { text, provider, state: STATES.find((each) => each === state) ?? "all" };
}

/** `4 ready, 1 waiting, 1 needs you`; how many of them are shown, where not all are. */
function countLabel(list: readonly ListedAccount[], found: number, now: number): string {
  const all = summary(list, now);
  return found === list.length ? all : `${t("{0} of {1}", found, accountCount(list.length))} · ${all}`;
}

function NoAccounts() {
  return (
    <Empty
      shape="accounts"
      action={
        <span class="row wrap">
          <Button kind="primary" icon="add" onClick={() => setQuery(ADD)}>
            {t("Add the first account")}
          </Button>
          <TrySandbox />
        </span>
      }
    >
      {t(
        "Add an account you own, and every AI tool on this computer can use it through one address. Until then the built-in sandbox answers, without any key.",
      )}
    </Empty>
  );
}

function nameButton(container: HTMLElement | null, id: string | undefined): HTMLElement | undefined {
  const names = container?.querySelectorAll<HTMLElement>("[data-account]") ?? [];
  return [...names].find((each) => each.dataset.account === id);
}

function isView(value: unknown): value is "list" | "cards" {
  return value === "list" || value === "cards";
}

function isSort(value: unknown): value is Sort {
  return SORTS.some((each) => each === value);
}
