/** The way to the other pages: tabs, or a choice where there is no room for them. */
import { t } from "@vscode/l10n";
import { PAGES, type PageName } from "../../control/page.ts";
import { narrow } from "../state/media.ts";
import { go, page } from "../state/route.ts";
import { Select } from "./Field.tsx";

export function Navigation({ titleOf }: { titleOf(name: PageName): string }) {
  if (narrow.value) {
    return (
      <nav class="tabs-narrow" aria-label={t("Pages")}>
        <Select
          label={t("Page")}
          hideLabel
          value={page.value}
          options={PAGES.map((value) => ({ value, label: titleOf(value) }))}
          onChange={(to) => go(to)}
        />
      </nav>
    );
  }
  return (
    <nav class="tabs" aria-label={t("Pages")}>
      {PAGES.map((name) => (
        <a
          key={name}
          href={`#${name}`}
          aria-current={name === page.value ? "page" : undefined}
          onClick={(event) => {
            event.preventDefault();
            go(name);
          }}
        >
          {titleOf(name)}
        </a>
      ))}
    </nav>
  );
}
