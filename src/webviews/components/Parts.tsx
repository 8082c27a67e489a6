/** A page in parts, by tabs that stay in sight. A link goes straight to a part: `#settings?part=budgets`. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isTexts, remembered } from "../state/memory.ts";
import { page, query, setQuery } from "../state/route.ts";

export interface Tab {
  title: string;
  /** By the names that links use, in the order in which they are shown. */
  parts: Readonly<Record<string, () => ComponentChildren>>;
}

/** Page -> the part that was opened last. */
const opened = remembered<Record<string, string>>("parts", {}, isTexts);

/** @param param the query's key that names a part */
export function Parts({ tabs, param }: { tabs: readonly Tab[]; param: string }) {
  const asked = query.value[param];
  const name = asked ?? opened.value[page.value];
  const shown = tabs.find(({ parts }) => name !== undefined && Object.hasOwn(parts, name)) ?? tabs[0];
  const container = useRef<HTMLDivElement>(null);
  const show = (part: string) => {
    opened.value = { ...opened.peek(), [page.peek()]: part };
    scrollTo(part, shown);
    // The next tabulator goes on there.
    elementOf(part)?.focus({ preventScroll: true });
  };
  // Before the next key, which is meant for it.
  useLayoutEffect(() => {
    if (asked === undefined || container.current === null) return;
    show(asked);
    // What stands above it grows as it is loaded; until the person goes elsewhere.
    const observer = new ResizeObserver(() => scrollTo(asked, shown));
    observer.observe(container.current);
    const stop = new AbortController();
    stop.signal.addEventListener("abort", () => observer.disconnect());
    for (const event of ["wheel", "keydown", "pointerdown"])
      window.addEventListener(event, () => stop.abort(), { signal: stop.signal, passive: true });
    return () => stop.abort();
  }, [asked]);
  return (
    <div class="parts" ref={container}>
      <nav aria-label={t("On this page")}>
        {tabs.map((tab) => {
          const [first = ""] = Object.keys(tab.parts);
          return (
            <a
              key={first}
              href={`#${page.value}?${param}=${first}`}
              aria-current={tab === shown ? "true" : undefined}
              onClick={(event) => {
                event.preventDefault();
                if (asked === first) show(first);
                else setQuery({ [param]: first });
              }}
            >
              {tab.title}
            </a>
          );
        })}
      </nav>
      {Object.entries(shown?.parts ?? {}).map(([part, content]) => (
        <div key={part} id={idOf(part)} class="part anchor" tabIndex={-1}>
          {content()}
        </div>
      ))}
    </div>
  );
}

const idOf = (part: string) => `part-${part}`;
const elementOf = (part: string) => document.getElementById(idOf(part));

function scrollTo(part: string, { parts }: Tab = { title: "", parts: {} }): void {
  if (part === Object.keys(parts)[0]) window.scrollTo(0, 0);
  else elementOf(part)?.scrollIntoView({ block: "start" });
}
