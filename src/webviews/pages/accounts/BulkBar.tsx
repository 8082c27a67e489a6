/** What can be done with all that are selected, and what came of it. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../../control/accounts.ts";
import { Button } from "../../components/Button.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { useAction } from "../../state/action.ts";
import type { AccountDialog } from "./dialogs.ts";
import { accountCount } from "./labels.ts";
import { bulk, refreshQuotas, summary } from "./work.ts";

/** Of what went wrong. */
const MOST_SHOWN = 10;

export function BulkBar(props: {
  chosen: readonly ListedAccount[];
  shown: readonly ListedAccount[];
  onChoose(ids: readonly string[]): void;
  onAsk(dialog: AccountDialog): void;
}) {
  const { chosen, shown, onAsk } = props;
  const work = useAction((kind: "enable" | "disable" | "test" | "clear") => bulk(kind, chosen));
  const quotas = useAction(async () => {
    await refreshQuotas();
    summary.value = { words: t("Limits were read anew."), failed: [], skipped: [] };
  });
  const busy = work.busy || quotas.busy;
  const all = shown.every((each) => chosen.includes(each));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in a way of its own
    <div class="bulk" role="group" aria-label={t("Selected accounts")}>
      <span class="strong num">{t("{0} selected", chosen.length)}</span>
      {!all && (
        <Button kind="link" onClick={() => props.onChoose(shown.map(({ id }) => id))}>
          {t("Select all {0}", shown.length)}
        </Button>
      )}
      <Button kind="link" onClick={() => props.onChoose([])}>
        {t("Select none")}
      </Button>
      <span class="grow" />
      <Button disabled={busy} onClick={() => work.run("enable")}>
        {t("Switch on")}
      </Button>
      <Button disabled={busy} onClick={() => work.run("disable")}>
        {t("Switch off")}
      </Button>
      <Button busy={busy} onClick={() => work.run("test")}>
        {t("Test")}
      </Button>
      <Button disabled={busy} onClick={() => quotas.run()}>
        {t("Read limits")}
      </Button>
      <Button
        disabled={busy || chosen.every(({ held }) => held.length === 0)}
        onClick={() => work.run("clear")}
      >
        {t("Don't wait")}
      </Button>
      <Button onClick={() => onAsk({ kind: "export", chosen })}>{t("Export…")}</Button>
      <Button
        kind="danger"
        disabled={busy || chosen.every(({ readOnly }) => readOnly)}
        onClick={() => onAsk({ kind: "remove", chosen })}
      >
        {t("Remove…")}
      </Button>
      <Failure message={work.problem ?? quotas.problem} />
    </div>
  );
}

/** One summary of what worked, what did not, and what was left alone. */
export function SummaryOfWork() {
  const now = summary.value;
  return (
    <div role="status">
      {now !== undefined && (
        <Problem
          tone={now.failed.length > 0 ? "warn" : "info"}
          actions={
            <Button
              onClick={() => {
                summary.value = undefined;
              }}
            >
              {t("Dismiss")}
            </Button>
          }
        >
          <p>
            {now.words}
            {now.failed.length > 0 && ` ${t("It did not work for {0}:", accountCount(now.failed.length))}`}
          </p>
          {now.failed.length > 0 && (
            <ul>
              {now.failed.slice(0, MOST_SHOWN).map(({ label, message }) => (
                <li key={label}>
                  <span class="strong">{label}</span>: {message}
                </li>
              ))}
              {now.failed.length > MOST_SHOWN && <li>{t("and {0} more", now.failed.length - MOST_SHOWN)}</li>}
            </ul>
          )}
          {now.skipped.length > 0 && (
            <p>{t("Left as they are, because the config file sets them: {0}.", now.skipped.join(", "))}</p>
          )}
        </Problem>
      )}
    </div>
  );
}
