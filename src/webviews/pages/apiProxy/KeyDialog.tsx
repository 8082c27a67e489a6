/** A new client key, or another's limits. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { KeyChange, KeyView, MadeKey } from "../../../control/keys.ts";
import { BudgetKind } from "../../components/BudgetKind.tsx";
import { DateField } from "../../components/DateField.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { Checkbox, TextField } from "../../components/Field.tsx";
import { call } from "../../transport.ts";
import { countProblem, type TypedLimits, typedOf, wantedOf } from "./keyLimits.ts";

const LIMITS = ["models", "accounts", "from", "perMinute", "atOnce", "budgets", "expiresAt"] as const;

export function KeyDialog(props: {
  /** Absent: a new one. */
  view?: KeyView;
  onMade(made: MadeKey): Promise<void>;
  onSaved(): Promise<void>;
  onClose(): void;
}) {
  const { view } = props;
  const [name, setName] = useState(view?.name ?? "");
  const [enabled, setEnabled] = useState(view?.enabled ?? true);
  const [typed, setTyped] = useState(() => typedOf(view));
  const set = (change: Partial<TypedLimits>) => setTyped((now) => ({ ...now, ...change }));
  const counts = [typed.requests, typed.tokens, typed.atOnce, typed.budget];
  const wrong = name.trim() === "" || counts.some((text) => countProblem(text) !== undefined);
  const save = async () => {
    const limits = wantedOf(typed, view);
    if (view === undefined) {
      await props.onMade(await call("keys.add", { name, ...limits }));
    } else {
      // What was emptied is no limit any more.
      const none = Object.fromEntries(LIMITS.map((field) => [field, null]));
      const change: KeyChange = { ...none, ...limits, id: view.id, name, enabled };
      await call("keys.update", change);
      await props.onSaved();
    }
  };
  const text = (field: "models" | "accounts" | "from", label: string, placeholder: string) => (
    <TextField
      label={label}
      value={typed[field]}
      placeholder={placeholder}
      mono
      onInput={(value) => set({ [field]: value })}
    />
  );
  const count = (field: "requests" | "tokens" | "atOnce" | "budget", label: string) => (
    <TextField
      label={label}
      value={typed[field]}
      error={countProblem(typed[field])}
      onInput={(value) => set({ [field]: value })}
    />
  );
  return (
    <ActionDialog
      title={view === undefined ? t("Add a key") : t("Change {0}", view.name)}
      action={view === undefined ? t("Add the key") : t("Save")}
      disabled={wrong}
      run={save}
      onClose={props.onClose}
    >
      <TextField label={t("Name")} value={name} autofocus onInput={setName} />
      {view !== undefined && <Checkbox label={t("It counts")} checked={enabled} onChange={setEnabled} />}
      <p class="muted">{t("What is left empty is not limited. Commas go between several.")}</p>
      {text("models", t("Models"), "gpt-*, claude-*")}
      {text("accounts", t("Accounts, by id"), "work")}
      {text("from", t("Addresses it may come from"), "192.168.0.0/16")}
      <div class="settings-numbers">
        {count("requests", t("Requests per minute"))}
        {count("tokens", t("Tokens per minute"))}
        {count("atOnce", t("Requests at once"))}
      </div>
      <div class="settings-numbers">
        {count("budget", t("Budget"))}
        <BudgetKind
          unit={typed.unit}
          per={typed.per}
          onUnit={(unit) => set({ unit })}
          onPer={(per) => set({ per })}
        />
      </div>
      <div class="field">
        <span aria-hidden="true">{t("Counts until the end of")}</span>
        <DateField
          label={t("Counts until the end of")}
          type="date"
          value={typed.expires}
          onChange={(expires) => set({ expires })}
        />
      </div>
    </ActionDialog>
  );
}
