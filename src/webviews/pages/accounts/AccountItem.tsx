/** One account of the list; a row, a card or a few lines, as the styles have it. */
import { t } from "@vscode/l10n";
import { canPause, type ListedAccount } from "../../../control/accounts.ts";
import { worstHold, worstState } from "../../../control/holds.ts";
import { Button } from "../../components/Button.tsx";
import { Ago } from "../../components/Countdown.tsx";
import { HoldEnd } from "../../components/HoldEnd.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Menu } from "../../components/Menu.tsx";
import { ProviderMark } from "../../components/ProviderMark.tsx";
import { Dot, Tag } from "../../components/State.tsx";
import { toast, toastFailure } from "../../components/Toast.tsx";
import { format } from "../../labels.ts";
import { useAction } from "../../state/action.ts";
import { useNow } from "../../state/clock.ts";
import type { AccountDialog } from "./dialogs.ts";
import { againLabel, credentialLabel, fareLabel } from "./labels.ts";
import { QuotaBars } from "./QuotaBars.tsx";
import { clearHolds, setEnabled, test, testLabel, working } from "./work.ts";

export interface AccountItemProps {
  account: ListedAccount;
  provider: string;
  open: boolean;
  chosen: boolean;
  /** Whether its name is the one in the tab order. */
  current: boolean;
  onOpen(): void;
  onChoose(chosen: boolean): void;
  onAsk(dialog: AccountDialog): void;
}

export function AccountItem(props: AccountItemProps) {
  const { account, provider, open, chosen } = props;
  const { tone } = fareLabel(account, useNow());
  const busy = working.value.has(account.id);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: its name is a button; this is for the mouse alone
    <li
      class={`account${open ? " open" : ""}${chosen ? " chosen" : ""}`}
      aria-busy={busy || undefined}
      onClick={(event) => {
        const inside = event.target instanceof Element && event.target.closest("button, input, a, label");
        if (!inside) props.onOpen();
      }}
    >
      <input
        type="checkbox"
        class="choose"
        aria-label={t("Select {0}", account.label)}
        checked={chosen}
        onChange={(event) => props.onChoose(event.currentTarget.checked)}
      />
      <span class="mark">{busy ? <Icon name="loading" spin /> : <Dot tone={tone} />}</span>
      <span class="who">
        <span class="row">
          <ProviderMark provider={account.provider} label={provider} />
          <button
            type="button"
            class="name cut"
            data-account={account.id}
            data-landing={props.current ? "" : undefined}
            tabIndex={props.current ? 0 : -1}
            aria-current={open ? "true" : undefined}
            title={account.label}
            onClick={props.onOpen}
          >
            {account.label}
          </button>
          {account.readOnly && (
            <Tag title={t("Set in the config file, so not edited here")}>{t("config")}</Tag>
          )}
        </span>
        <About account={account} provider={provider} />
      </span>
      <QuotaBars account={account} most={2} />
      <Fare account={account} />
      <Facts account={account} />
      <Fix account={account} onAsk={props.onAsk} />
      <ItemMenu account={account} onAsk={props.onAsk} onOpen={props.onOpen} />
    </li>
  );
}

/** What holds it back; else whose it is and who uses it. */
function About({ account, provider }: { account: ListedAccount; provider: string }) {
  const hold = worstHold(account, useNow());
  if (hold !== undefined) {
    const told = hold.model === undefined || hold.reason.includes(hold.model);
    const words = told ? hold.reason : `${hold.model}: ${hold.reason}`;
    return (
      <span class={`about cut ${hold.condition === "needs-attention" ? "bad" : "muted"}`} title={words}>
        {words}
      </span>
    );
  }
  const [client] = account.usedBy ?? [];
  return (
    <span class="about cut muted">
      {provider === account.label ? bareLabel(account) : provider}
      {client !== undefined && ` · ${t("in use by {0}", client)}`}
    </span>
  );
}

/** For an account that goes by its provider's name: that need not be said twice. */
function bareLabel({ credential }: ListedAccount): string {
  return credential === "none" ? t("no key needed") : credentialLabel(credential);
}

export function Fare({ account }: { account: ListedAccount }) {
  const now = useNow();
  const hold = worstHold(account, now);
  return (
    <span class="fare">
      {hold?.until === undefined ? fareLabel(account, now).word : <HoldEnd hold={hold} />}
    </span>
  );
}

function Facts({ account }: { account: ListedAccount }) {
  const { inFlight = 0, lastUsed, priority } = account;
  return (
    <span class="facts muted num">
      {inFlight > 0 ? (
        <span>{t("{0} under way", inFlight)}</span>
      ) : (
        <span>{lastUsed === undefined ? t("not used yet") : <Ago time={lastUsed} />}</span>
      )}
      {priority !== 0 && <span>{t("priority {0}", format.signed(priority))}</span>}
    </span>
  );
}

/** The one button that mends what is wrong. */
function Fix({ account, onAsk }: { account: ListedAccount; onAsk(dialog: AccountDialog): void }) {
  const again = againLabel(account);
  if (!account.enabled || account.readOnly || worstState(account, useNow()) !== "needs-attention")
    return null;
  if (again === undefined) return null;
  return (
    <span class="fix">
      <Button
        kind="primary"
        label={`${again}: ${account.label}`}
        onClick={() => onAsk({ kind: "again", account })}
      >
        {again}
      </Button>
    </span>
  );
}

function ItemMenu(props: { account: ListedAccount; onAsk(dialog: AccountDialog): void; onOpen(): void }) {
  const { account, onAsk } = props;
  const { id, enabled, readOnly, held, label } = account;
  const action = useAction((job: () => Promise<unknown>) => toastFailure(job()));
  const again = againLabel(account);
  return (
    <Menu
      label={t("More for {0}", label)}
      items={[
        { label: t("Details"), icon: "info", onSelect: props.onOpen },
        {
          label: t("Test"),
          icon: "beaker",
          onSelect: () =>
            action.run(async () => {
              const result = await test(id);
              toast(`${label}: ${testLabel(result)}`, result.ok ? "done" : "problem");
            }),
        },
        {
          label: t("Use again now"),
          icon: "debug-restart",
          disabled: held.length === 0,
          onSelect: () => action.run(() => clearHolds(id)),
        },
        "line",
        {
          label: enabled ? t("Switch off") : t("Switch on"),
          icon: enabled ? "circle-slash" : "play",
          disabled: !canPause(account),
          onSelect: () => action.run(() => setEnabled(id, !enabled)),
        },
        ...(again === undefined
          ? []
          : [
              {
                label: `${again}…`,
                icon: "key",
                disabled: readOnly,
                onSelect: () => onAsk({ kind: "again", account }),
              },
            ]),
        {
          label: t("Export…"),
          icon: "export",
          onSelect: () => onAsk({ kind: "export", chosen: [account] }),
        },
        "line",
        {
          label: t("Remove…"),
          icon: "trash",
          disabled: readOnly,
          onSelect: () => onAsk({ kind: "remove", chosen: [account] }),
        },
      ]}
    />
  );
}
