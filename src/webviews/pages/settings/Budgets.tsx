/** How much may be used, by whom, and how far it has gone. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { ListedAccount } from "../../../control/accounts.ts";
import type { BudgetRule, BudgetView } from "../../../control/stats.ts";
import { BudgetKind } from "../../components/BudgetKind.tsx";
import { Button, IconButton } from "../../components/Button.tsx";
import { Countdown } from "../../components/Countdown.tsx";
import { ActionDialog } from "../../components/Dialog.tsx";
import { NumberField, Select } from "../../components/Field.tsx";
import { Empty, Failure } from "../../components/Message.tsx";
import { Meter } from "../../components/Meter.tsx";
import { Section } from "../../components/Section.tsx";
import { budgetAmount, budgetStanding, format } from "../../labels.ts";
import { useAction } from "../../state/action.ts";
import { accountLabel, settings } from "../../state/gateway.ts";
import { budgetName } from "../../state/needs.ts";
import { call } from "../../transport.ts";

export interface BudgetsProps {
  budgets: readonly BudgetView[];
  accounts: readonly ListedAccount[];
  /** Why they cannot be changed here. */
  fixed: string | undefined;
  onChanged(): void;
}

export function Budgets({ budgets, accounts, fixed, onChanged }: BudgetsProps) {
  const [editing, setEditing] = useState<EditableBudget | "new">();
  const own = budgets.filter(({ readOnly }) => !readOnly);
  const store = async (rules: BudgetRule[]) => {
    settings.value = { kind: "ready", value: await call("settings.update", { budgets: rules }) };
    onChanged();
  };
  const remove = useAction((gone: BudgetView) => store(own.filter((each) => each !== gone).map(ruleOf)));
  const add = (
    <Button icon="add" onClick={() => setEditing("new")} disabled={fixed !== undefined}>
      {t("Add a budget")}
    </Button>
  );
  return (
    <Section title={t("Budgets")} end={budgets.length === 0 ? undefined : add}>
      {fixed !== undefined && <p class="muted">{fixed}</p>}
      {budgets.length === 0 ? (
        <Empty action={add}>
          {t(
            "A budget stops an account, or all of them, when it has used so many tokens, requests or dollars.",
          )}
        </Empty>
      ) : (
        <ul class="lines">
          {budgets.map((budget) => (
            <li key={keyOf(budget)}>
              <BudgetLine
                budget={budget}
                fixed={budget.readOnly || fixed !== undefined}
                busy={remove.busy}
                onEdit={isEditable(budget) ? () => setEditing(budget) : undefined}
                onRemove={() => remove.run(budget)}
              />
            </li>
          ))}
        </ul>
      )}
      <Failure message={remove.problem} />
      {editing !== undefined && (
        <EditBudget
          budget={editing === "new" ? undefined : editing}
          accounts={accounts}
          onClose={() => setEditing(undefined)}
          onSave={(rule) =>
            store([
              ...own.filter((each) => each !== editing && keyOf(each) !== keyOf(rule)).map(ruleOf),
              rule,
            ])
          }
        />
      )}
    </Section>
  );
}

/** One that a newer Portico made goes back to it as it came. */
function ruleOf({ account, unit, per, limit, warnAtPercent }: BudgetView): BudgetRule {
  const rule = { ...(account === undefined ? {} : { account }), unit, per, limit, warnAtPercent };
  return rule as BudgetRule;
}

type EditableBudget = BudgetView & BudgetRule;

function isEditable(budget: BudgetView): budget is EditableBudget {
  return Object.hasOwn(LIMITS, budget.unit) && ["day", "week", "month"].includes(budget.per);
}

/** There is at most one of a kind. */
function keyOf({ account, unit, per }: Pick<BudgetView, "account" | "unit" | "per">): string {
  return `${account ?? ""} ${unit} ${per}`;
}

function BudgetLine(props: {
  budget: BudgetView;
  fixed: boolean;
  busy: boolean;
  onEdit: (() => void) | undefined;
  onRemove(): void;
}) {
  const { budget, fixed } = props;
  const { account, unit, per, limit, used, until, state, unpriced } = budget;
  const name = account === undefined ? budgetName(per) : `${accountLabel(account)} · ${budgetName(per)}`;
  const { share, tone } = budgetStanding(budget);
  const spent = t("{0} of {1}", budgetAmount(used, unit), budgetAmount(limit, unit));
  return (
    <div class="budget-line">
      <span class="who">
        <span class="cut" title={name}>
          {name}
        </span>
        <span class="muted">
          {state === "reached" ? (
            <span class="bad">{t("used up")} · </span>
          ) : (
            state === "warning" && <span class="warn">{t("nearly used up")} · </span>
          )}
          <Countdown until={until} words={(time) => t("resets in {0}", time)} />
          {unpriced > 0 && ` · ${t("without {0} requests of unknown price", format.count(unpriced))}`}
        </span>
      </span>
      <Meter share={share} tone={tone} label={name} words={t("{0} used", spent)} />
      <span class="num right" title={`${format.exact(used)} / ${format.exact(limit)}`}>
        {spent}
      </span>
      <span class="row">
        {fixed ? (
          <span class="muted">{t("config file")}</span>
        ) : (
          <>
            {props.onEdit !== undefined && (
              <IconButton icon="edit" label={t("Change {0}", name)} onClick={props.onEdit} />
            )}
            <IconButton
              icon="trash"
              label={t("Remove {0}", name)}
              busy={props.busy}
              onClick={props.onRemove}
            />
          </>
        )}
      </span>
    </div>
  );
}

const ALL = "";
const LIMITS: Record<BudgetRule["unit"], number> = { usd: 10, tokens: 1_000_000, requests: 1000 };

function EditBudget(props: {
  budget: EditableBudget | undefined;
  accounts: readonly ListedAccount[];
  onClose(): void;
  onSave(rule: BudgetRule): Promise<void>;
}) {
  const { budget, accounts } = props;
  const [account, setAccount] = useState(budget?.account ?? ALL);
  const [unit, setUnit] = useState<BudgetRule["unit"]>(budget?.unit ?? "usd");
  const [per, setPer] = useState<BudgetRule["per"]>(budget?.per ?? "day");
  const [limit, setLimit] = useState(budget?.limit);
  const [warnAtPercent, setWarn] = useState(budget?.warnAtPercent ?? 80);
  const save = () =>
    props.onSave({
      ...(account === ALL ? {} : { account }),
      unit,
      per,
      limit: limit ?? LIMITS[unit],
      warnAtPercent,
    });
  return (
    <ActionDialog
      title={budget === undefined ? t("Add a budget") : t("Change a budget")}
      action={t("Save")}
      run={save}
      onClose={props.onClose}
    >
      <Select
        label={t("For")}
        value={account}
        options={[
          { value: ALL, label: t("all accounts together") },
          ...accounts.map(({ id, label }) => ({ value: id, label })),
        ]}
        onChange={setAccount}
      />
      <div class="settings-numbers">
        <NumberField
          key={unit}
          label={t("At most")}
          value={limit ?? LIMITS[unit]}
          min={unit === "usd" ? 0.01 : 1}
          onCommit={setLimit}
        />
        <BudgetKind
          unit={unit}
          per={per}
          onUnit={(value) => {
            setUnit(value);
            setLimit(undefined);
          }}
          onPer={setPer}
        />
      </div>
      <NumberField
        label={t("Warn at")}
        unit="%"
        min={1}
        max={100}
        value={warnAtPercent}
        onCommit={setWarn}
        hint={t(
          "When it is reached, requests go to accounts that have some left, or are refused until it resets.",
        )}
      />
    </ActionDialog>
  );
}
