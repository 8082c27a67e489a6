/** A sign-in in the person's browser, from the first click to an account that is proved. */
import { t } from "@vscode/l10n";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AddResult, SignInStarted } from "../../../control/credentials.ts";
import { Button } from "../../components/Button.tsx";
import { copy } from "../../components/Copyable.tsx";
import { Countdown } from "../../components/Countdown.tsx";
import { Form } from "../../components/Form.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { SecretField, type SecretInput, secretOf } from "../../components/SecretField.tsx";
import { useAction } from "../../state/action.ts";
import { isCancelled, messageOf } from "../../state/loaded.ts";
import { call } from "../../transport.ts";

/** Milliseconds for the exchange and the call that proves the account, after the browser is done. */
const PROOF_MS = 90_000;

type Stage =
  | { kind: "idle"; message?: string }
  | { kind: "starting" }
  | { kind: "waiting"; started: SignInStarted }
  /** Signed in, and only the proof failed. */
  | { kind: "unproved"; started: SignInStarted; message: string };

export type SignedIn = Extract<AddResult, { ok: true }>;

export interface SignInProps {
  /** Whose page it is: `Google`. */
  who: string;
  action: string;
  disabled?: boolean;
  /** Undefined: something is missing, which was said elsewhere. */
  start(): Promise<SignInStarted | undefined>;
  onDone(result: SignedIn): void;
  onBusy(busy: boolean): void;
}

export function SignIn({ who, action, disabled = false, start, onDone, onBusy }: SignInProps) {
  const [stage, setStage] = useState<Stage>({ kind: "idle" });
  const running = useRef<{ id: string; gone: boolean } | undefined>(undefined);
  // Whoever leaves does not want it any more.
  useEffect(
    () => () => {
      const current = running.current;
      if (current === undefined) return;
      current.gone = true;
      cancel(current.id);
    },
    [],
  );
  const finish = async (started: SignInStarted, keep: boolean) => {
    const mine = { id: started.id, gone: false };
    running.current = mine;
    setStage({ kind: "waiting", started });
    let next: Stage = { kind: "idle" };
    try {
      const timeoutMs = Math.max(started.expiresAt - Date.now(), 0) + PROOF_MS;
      const result = await call("accounts.signIn.await", { id: started.id, keep }, { timeoutMs });
      if (mine.gone) return;
      if (result.ok) {
        running.current = undefined;
        onBusy(false);
        onDone(result);
        return;
      }
      if (result.canKeep === true) {
        setStage({ kind: "unproved", started, message: result.message });
        return;
      }
      if (result.reason !== "cancelled") next = { kind: "idle", message: result.message };
    } catch (thrown) {
      if (mine.gone) return;
      if (!isCancelled(thrown)) next = { kind: "idle", message: messageOf(thrown) };
    }
    running.current = undefined;
    onBusy(false);
    setStage(next);
  };
  const begin = async () => {
    setStage({ kind: "starting" });
    try {
      const started = await start();
      if (started === undefined) {
        setStage({ kind: "idle" });
        return;
      }
      onBusy(true);
      await call("host.openExternal", { url: started.url });
      await finish(started, false);
    } catch (thrown) {
      onBusy(false);
      setStage({ kind: "idle", message: messageOf(thrown) });
    }
  };
  const stop = () => {
    const current = running.current;
    running.current = undefined;
    if (current !== undefined) {
      current.gone = true;
      cancel(current.id);
    }
    onBusy(false);
    setStage({ kind: "idle" });
  };
  if (stage.kind === "waiting") return <Waiting who={who} started={stage.started} onStop={stop} />;
  if (stage.kind === "unproved") {
    const { started } = stage;
    return (
      <Problem
        tone="warn"
        title={t("You are signed in with {0}, but the account did not answer a first call", who)}
        actions={
          <>
            <Button kind="primary" onClick={() => finish(started, false)}>
              {t("Try again")}
            </Button>
            <Button onClick={() => finish(started, true)}>{t("Add anyway")}</Button>
            <Button onClick={stop}>{t("Cancel")}</Button>
          </>
        }
      >
        {stage.message}
      </Problem>
    );
  }
  return (
    <>
      <Failure message={stage.kind === "idle" ? stage.message : undefined} />
      <span>
        <Button
          kind="primary"
          icon="link-external"
          busy={stage.kind === "starting"}
          disabled={disabled}
          onClick={begin}
        >
          {action}
        </Button>
      </span>
    </>
  );
}

/** What helps where the browser did not open, or cannot come back to this computer. */
function Waiting({ who, started, onStop }: { who: string; started: SignInStarted; onStop(): void }) {
  const field: SecretInput = useRef(null);
  const [wrong, setWrong] = useState<string>();
  const paste = useAction(async () => {
    const url = secretOf(field);
    if (!URL.canParse(url)) {
      setWrong(t("This is not a complete address."));
      return;
    }
    await call("accounts.signIn.paste", { id: started.id, url });
  });
  return (
    <div class="stack">
      <p class="row" role="status">
        <Icon name="loading" spin />
        <span>
          {t("Sign in with {0} in your browser…", who)}{" "}
          <span class="muted">
            <Countdown until={started.expiresAt} words={(time) => t("{0} left", time)} />
          </span>
        </span>
      </p>
      {started.notes.map((note) => (
        <Problem key={note} tone="info">
          {note}
        </Problem>
      ))}
      <span class="row wrap">
        <Button icon="copy" onClick={() => copy(started.url, t("the link"))}>
          {t("Copy the link")}
        </Button>
        <Button onClick={onStop}>{t("Cancel")}</Button>
      </span>
      <details class="more-fields">
        <summary>{t("The browser ends at a page that cannot be opened")}</summary>
        <Form onSubmit={() => paste.run()}>
          <SecretField
            field={field}
            label={t("The whole address of that page")}
            placeholder={`${started.redirectUri}?code=…`}
            hint={t("That happens when the browser is on another computer than Portico. Nothing is lost.")}
            error={wrong ?? paste.problem}
            onInput={() => {
              setWrong(undefined);
              paste.clear();
            }}
          />
          <span>
            <Button busy={paste.busy}>{t("Go on with it")}</Button>
          </span>
        </Form>
      </details>
    </div>
  );
}

function cancel(id: string): void {
  // Where this fails, it ends by itself in a while.
  call("accounts.signIn.cancel", { id }).catch(() => undefined);
}
