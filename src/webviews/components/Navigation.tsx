/** The way to the other pages: tabs, or a choice where there is no room for them. */
import { t } from "@vscode/l10n";
import { PAGES, type PageName } from "../../control/page.ts";
import { narrow } from "../state/media.ts";
import { go, page } from "../state/route.ts";
import { inVsCode } from "../transport.ts";
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
      {!inVsCode && <Brand />}
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

/** In a browser nothing around the page says whose it is. */
function Brand() {
  return (
    <span class="brand">
      <svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor">
        <path d="M12 2.5 21.5 7.6a.5.5 0 0 1-.24.94H2.74a.5.5 0 0 1-.24-.94zM4 10h16v1.5H4zM4.9 12.4h2v7h-2zM17.1 12.4h2v7h-2zM9 19.4v-4.2a3 3 0 0 1 6 0v4.2zM2.6 20.3h18.8v1.5H2.6z" />
      </svg>
      Portico
    </span>
  );
}
