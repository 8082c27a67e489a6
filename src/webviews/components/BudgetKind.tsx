/** What a budget counts, and when it begins anew: two fields. */
import { t } from "@vscode/l10n";
import type { BudgetRule, BudgetView } from "../../control/stats.ts";
import { Select } from "./Field.tsx";

export function BudgetKind(props: {
  /** One that a newer Portico made stays as it is until another is chosen. */
  unit: BudgetView["unit"];
  per: BudgetView["per"];
  onUnit(unit: BudgetRule["unit"]): void;
  onPer(per: BudgetRule["per"]): void;
}) {
  return (
    <>
      <Select<BudgetRule["unit"]>
        label={t("Of")}
        value={props.unit as BudgetRule["unit"]}
        options={[
          { value: "usd", label: t("US dollars") },
          { value: "tokens", label: t("tokens") },
          { value: "requests", label: t("requests") },
        ]}
        onChange={props.onUnit}
      />
      <Select<BudgetRule["per"]>
        label={t("Each")}
        value={props.per as BudgetRule["per"]}
        options={[
          { value: "day", label: t("day") },
          { value: "week", label: t("week") },
          { value: "month", label: t("month") },
        ]}
        onChange={props.onPer}
      />
    </>
  );
}
