/** All there is to know of one account, and all that can be changed in it. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type AccountHold, canPause, type ListedAccount } from "../../../control/accounts.ts";
import { holdEnd, holdsNow } from "../../../control/holds.ts";
import { Button, IconButton } from "../../components/Button.tsx";
import { Ago, Countdown } from "../../components/Countdown.tsx";
import { NumberField, TextField } from "../../components/Field.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { openPage } from "../../components/OpenPage.tsx";
import { Dot, Tag } from "../../components/State.tsx";
import { toast } from "../../components/Toast.tsx";
import { format, stateLabel } from "../../labels.ts";
import { useAction } from "../../state/action.ts";
import { useNow } from "../../state/clock.ts";
import { call } from "../../transport.ts";
import type { AccountDialog } from "./dialogs.ts";
import { againLabel, credentialLabel, fareLabel, linkIn, protocolLabel } from "./labels.ts";
import { AllQuotas } from "./QuotaBars.tsx";
import { clearHolds, refreshQuotas, reread, setEnabled, test, testLabel, tests, working } from "./work.ts";

export interface DetailsProps {
  account: ListedAccount;
  provider: string;
  /** Absent: where the address of the config file is not known. */
  configFile: string | undefined;
  onClose(): void;
  onAsk(dialog: AccountDialog): void;
}

export function Details(props: DetailsProps) {
  const { account, provider, onAsk, onClose } = props;
  const { id, label, readOnly, enabled, held } = account;
  const heading = useRef<HTMLHeadingElement>(null);
  // Before the next key, which is meant for what was opened.
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  const toggle = useAction(() => setEnabled(id, !enabled));
  const testing = useAction(() => test(id));
  const again = againLabel(account);
  const now = useNow();
  const { word, tone } = fareLabel(account, now);
  // Then the button stands beside the reason.
  const broken = held.some((hold) => hold.condition === "needs-attention" && hold.model === undefined);
  return (
    <section
      class="details"
      aria-label={t("Details of {0}", label)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header class="row">
        <h2 ref={heading} tabIndex={-1} class="grow cut" title={label}>
          {label}
        </h2>
        <IconButton icon="close" label={t("Close details")} onClick={onClose} />
      </header>
      <p class="row wrap">
        <Dot tone={tone} />
        <span>{word}</span>
        <span class="muted">{provider}</span>
        {readOnly && <Tag>{t("read-only")}</Tag>}
      </p>
      {readOnly && (
        <p class="muted">
          {props.configFile === undefined
            ? t("This account is set in the config file. Change it there; it applies at once.")
            : t("This account is set in {0}. Change it there; it applies at once.", props.configFile)}
        </p>
      )}
      {account.pausable && (
        <p class="muted">
          {!account.switched
            ? t("You can switch it off here all the same: Portico keeps that in its data folder.")
            : enabled
              ? t("Switched on here, against the config file. That ends when “enabled” changes there.")
              : t("Switched off here, against the config file. That ends when “enabled” changes there.")}
        </p>
      )}
      {holdsNow(account, now).map((hold) => (
        <Hold key={hold.model ?? ""} hold={hold} {...props} />
      ))}
      <div class="row wrap">
        <Button
          icon="beaker"
          busy={testing.busy || working.value.has(id)}
          onClick={() => testing.run()}
          title={t("A real, cheap call")}
        >
          {t("Test")}
        </Button>
        {canPause(account) && (
          <Button busy={toggle.busy} onClick={() => toggle.run()}>
            {enabled ? t("Switch off") : t("Switch on")}
          </Button>
        )}
        {again !== undefined && !readOnly && !broken && (
          <Button onClick={() => onAsk({ kind: "again", account })}>{`${again}…`}</Button>
        )}
        {held.length > 1 && <ClearAll id={id} />}
      </div>
      <TestResult id={id} />
      <Failure message={testing.problem ?? toggle.problem} />
      <Part title={t("Limits")} end={<RefreshQuotas />}>
        <AllQuotas account={account} />
      </Part>
      <Part title={t("About")}>
        <Facts {...props} />
      </Part>
      {!readOnly && (
        <Part title={t("Change")}>
          <Edit key={id} account={account} />
        </Part>
      )}
      <div class="row wrap">
        <Button icon="export" onClick={() => onAsk({ kind: "export", chosen: [account] })}>
          {t("Export…")}
        </Button>
        {!readOnly && (
          <Button kind="danger" icon="trash" onClick={() => onAsk({ kind: "remove", chosen: [account] })}>
            {t("Remove…")}
          </Button>
        )}
      </div>
    </section>
  );
}

function Part(props: { title: string; end?: ComponentChildren; children: ComponentChildren }) {
  return (
    <div class="part">
      <div class="row">
        <h3 class="grow">{props.title}</h3>
        {props.end}
      </div>
      {props.children}
    </div>
  );
}

/** Why it is held back, beside what mends that. */
function Hold({ hold, account, onAsk }: { hold: AccountHold } & DetailsProps) {
  const { model, condition, reason } = hold;
  const clear = useAction(() => clearHolds(account.id, model));
  const again = againLabel(account);
  const link = linkIn(reason);
  const broken = condition === "needs-attention";
  const state = stateLabel(condition).word;
  return (
    <Problem
      tone={broken ? "bad" : "warn"}
      title={model === undefined ? capital(state) : `${model}: ${state}`}
      actions={
        <>
          {broken && model === undefined && again !== undefined && !account.readOnly && (
            <Button kind="primary" onClick={() => onAsk({ kind: "again", account })}>
              {again}
            </Button>
          )}
          {link !== undefined && (
            <Button icon="link-external" onClick={() => openPage(link.url)}>
              {link.label}
            </Button>
          )}
          <Button busy={clear.busy} onClick={() => clear.run()}>
            {broken ? t("Use it again") : t("Don't wait")}
          </Button>
        </>
      }
    >
      <p>{reason}</p>
      <HoldTimes hold={hold} />
      {broken && account.credential === "service-account" && (
        <p>{t("A service account does not sign in. Remove it and add it again with another key file.")}</p>
      )}
      <Failure message={clear.problem} />
    </Problem>
  );
}

/** What the provider stated, and when the account is asked again where that is another moment. */
function HoldTimes({ hold }: { hold: AccountHold }) {
  const end = holdEnd(hold);
  if (end === undefined) return null;
  const { at, stated, askedAt } = end;
  return (
    <>
      <p>
        {stated || hold.condition === "cooling" ? (
          <Countdown until={at} words={(time) => t("Ready in {0}.", time)} />
        ) : (
          <Countdown until={at} words={(time) => t("Asked again in {0}.", time)} />
        )}
        {stated && ` ${t("The provider says {0}.", format.date(at))}`}
      </p>
      {askedAt !== undefined && (
        <p>
          <Countdown until={askedAt} words={(time) => t("Asked again in {0}.", time)} />
        </p>
      )}
    </>
  );
}

function ClearAll({ id }: { id: string }) {
  const clear = useAction(() => clearHolds(id));
  return (
    <Button busy={clear.busy} onClick={() => clear.run()}>
      {t("Don't wait for any")}
    </Button>
  );
}

function TestResult({ id }: { id: string }) {
  const result = tests.value.get(id);
  return (
    <div role="status">
      {result !== undefined && (
        <p class={result.ok ? "ok" : "bad"}>
          {testLabel(result)}{" "}
          <span class="muted">
            <Ago time={result.time} />
          </span>
        </p>
      )}
    </div>
  );
}

function RefreshQuotas() {
  const refresh = useAction(async () => {
    await refreshQuotas();
    toast(t("Read anew"));
  });
  return (
    <>
      <Failure message={refresh.problem} />
      <IconButton
        icon="refresh"
        label={t("Ask the providers for their limits")}
        busy={refresh.busy}
        onClick={() => refresh.run()}
      />
    </>
  );
}

function Facts({ account, provider }: DetailsProps) {
  const { id, protocols, credential, inFlight = 0, maxInFlight, lastUsed, usedBy = [], priority } = account;
  return (
    <dl class="facts-list">
      <Fact name={t("provider")}>{provider}</Fact>
      <Fact name={t("id")}>
        <code>{id}</code>
      </Fact>
      <Fact name={t("credential")}>{credentialLabel(credential)}</Fact>
      <Fact name={t("speaks")}>{protocols.map(protocolLabel).join(", ")}</Fact>
      <Fact name={t("under way")}>
        <span class="num">
          {maxInFlight === undefined ? inFlight : t("{0} of at most {1}", inFlight, maxInFlight)}
        </span>
      </Fact>
      <Fact name={t("last used")}>
        {lastUsed === undefined ? t("not used yet") : <Ago time={lastUsed} />}
      </Fact>
      {usedBy.length > 0 && <Fact name={t("used by")}>{usedBy.join(", ")}</Fact>}
      {account.readOnly && <Fact name={t("priority")}>{priority}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt class="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Edit({ account: { id, label, priority } }: { account: ListedAccount }) {
  const [typed, setTyped] = useState<string>();
  const update = useAction(async (change: { label?: string; priority?: number }) => {
    await call("accounts.update", { id, ...change });
    await reread();
    setTyped(undefined);
    toast(t("Saved"));
  });
  const commit = (value: string) => {
    const wanted = value.trim();
    if (wanted === "" || wanted === label) setTyped(undefined);
    else void update.run({ label: wanted });
  };
  return (
    <div class="edit">
      <TextField
        label={t("Name")}
        value={typed ?? label}
        error={typed !== undefined && typed.length > 100 ? t("At most {0} characters.", 100) : undefined}
        onInput={setTyped}
        onCommit={commit}
      />
      <NumberField
        label={t("Priority")}
        value={priority}
        min={-1000}
        max={1000}
        step={1}
        hint={t("Higher is used first; the same number shares.")}
        onCommit={(value) => void update.run({ priority: Math.round(value) })}
      />
      <Failure message={update.problem} />
    </div>
  );
}

function capital(word: string): string {
  return word.charAt(0).toLocaleUpperCase() + word.slice(1);
}
