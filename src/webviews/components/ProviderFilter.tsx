/** Whose accounts, or what is served by them, a list shows; kept in the page's query. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../control/accounts.ts";
import type { ProviderView } from "../../control/contract.ts";
import { setQuery } from "../state/route.ts";
import { Select } from "./Field.tsx";

/** The provider as people call it. */
export function providerLabel(id: string, providers: readonly ProviderView[]): string {
  return providers.find((each) => each.id === id)?.label ?? id;
}

/** @param props.value id of a provider; `""`: all */
export function ProviderFilter(props: {
  accounts: readonly ListedAccount[];
  providers: readonly ProviderView[];
  value: string;
}) {
  const used = [...new Set(props.accounts.map((each) => each.provider))].sort();
  return (
    <Select
      label={t("Provider")}
      hideLabel
      value={props.value}
      options={[
        { value: "", label: t("All providers") },
        ...used.map((id) => ({ value: id, label: providerLabel(id, props.providers) })),
      ]}
      onChange={(provider) => setQuery({ provider })}
    />
  );
}
