/** One field for text and keys, which offers what there is. */
import { t } from "@vscode/l10n";
import type { RequestFacets } from "../../../control/requests.ts";
import { Combobox } from "../../components/Combobox.tsx";
import { offersFor } from "./autocomplete.ts";
import type { Asked } from "./filter.ts";

export function FilterBox(props: {
  value: string;
  facets: RequestFacets | undefined;
  wrong: Asked["wrong"];
  onInput(value: string): void;
  /** It was gone to: what it offers may have changed. */
  onFocus(): void;
  /** Down from here goes to the list. */
  onLeave(): void;
}) {
  const { facets, wrong, ...field } = props;
  return (
    <Combobox
      {...field}
      problem={
        wrong.length === 0
          ? undefined
          : wrong.map(({ term, message }) => (
              <span key={term} class="wrong-term">
                <code>{term}</code> {message}
              </span>
            ))
      }
      class="filter monitor-filter"
      label={t("Filter requests")}
      placeholder={t("Filter: text, model:, client:, took:>10s, cost:>0.1 …")}
      offersFor={(text, caret, all) => offersFor(text, caret, facets, all)}
      source={facets}
    />
  );
}
