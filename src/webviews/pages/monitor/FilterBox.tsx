/** One field for text and keys, which offers what there is. */
import { t } from "@vscode/l10n";
import type { RequestFacets } from "../../../control/requests.ts";
import { Combobox } from "../../components/Combobox.tsx";
import { offersFor } from "./autocomplete.ts";

export function FilterBox(props: {
  value: string;
  facets: RequestFacets | undefined;
  problem: string | undefined;
  onInput(value: string): void;
  /** It was gone to: what it offers may have changed. */
  onFocus(): void;
  /** Down from here goes to the list. */
  onLeave(): void;
}) {
  const { facets, ...field } = props;
  return (
    <Combobox
      {...field}
      class="filter monitor-filter"
      label={t("Filter requests")}
      placeholder={t("Filter: text, model:, client:, account:, status:, protocol:")}
      offersFor={(text, caret, all) => offersFor(text, caret, facets, all)}
      source={facets}
    />
  );
}
