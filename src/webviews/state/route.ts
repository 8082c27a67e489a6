/** Where the person is: the page and its query. In a browser also the address, so that it can be linked. */
import { computed, signal } from "@preact/signals";
import { isPage, type PageName, type PageState } from "../../control/page.ts";
import { start, vscode } from "../start.ts";
import { call, on } from "../transport.ts";
import { isTexts, keepRoute, keptRoute, remembered } from "./memory.ts";

/** `#monitor?text=gpt`; undefined where it names no page. */
export function readHash(hash: string): PageState | undefined {
  const [name = "", search = ""] = hash.replace(/^#/, "").split("?", 2);
  if (!isPage(name)) return undefined;
  const query = Object.fromEntries(new URLSearchParams(search));
  return Object.keys(query).length === 0 ? { page: name } : { page: name, query };
}

export function writeHash({ page, query }: PageState): string {
  const search = new URLSearchParams(query).toString();
  return search === "" ? `#${page}` : `#${page}?${search}`;
}

const kept = keptRoute();
const known = kept !== undefined && isPage(kept.page) ? kept : undefined;
// An address that names a page was just typed or followed; VS Code asks for the same one after a reload, too.
const initial: PageState = (vscode === undefined
  ? (readHash(location.hash) ?? start.open ?? known)
  : (known ?? start.open)) ?? { page: "dashboard" };

export const route = signal<PageState>(initial);
export const page = computed(() => route.value.page);
/** Never undefined; a page reads its own keys. */
export const query = computed<Record<string, string>>(() => route.value.query ?? {});

/** Pages that are looked at through a filter or a range, and what of their queries is none. */
const FILTERED: { readonly [P in PageName]?: readonly string[] } = {
  monitor: ["request"],
  "token-stats": [],
};
const filters = remembered<Record<string, string>>("filters", {}, isTexts);

/** The filter that the person last chose on the page. */
function filterOf(name: PageName): Record<string, string> | undefined {
  const search = filters.peek()[name];
  return search === undefined || search === "" ? undefined : Object.fromEntries(new URLSearchParams(search));
}

function keepFilter({ page: name, query: asked = {} }: PageState): void {
  const others = FILTERED[name];
  if (others === undefined) return;
  const kept = Object.entries(asked).filter(([key]) => !others.includes(key));
  filters.value = { ...filters.peek(), [name]: new URLSearchParams(kept).toString() };
}

/**
 * Opens a page; from the sidebar, in the panel.
 * @param withQuery absent: with the filter that was last chosen there
 */
export function go(to: PageName, withQuery: Record<string, string> | undefined = filterOf(to)): void {
  const state: PageState = withQuery === undefined ? { page: to } : { page: to, query: withQuery };
  if (start.view === "sidebar" && vscode !== undefined)
    void call("host.openPage", state).catch(() => undefined);
  else set(state, "push");
}

/** Changes some of the page's own query; `undefined` takes a key away. Leaves no step in the history. */
export function setQuery(change: Record<string, string | undefined>): void {
  const merged: Record<string, string | undefined> = { ...query.peek(), ...change };
  const left = Object.fromEntries(
    Object.entries(merged).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
    ),
  );
  const state = { page: page.peek(), ...(Object.keys(left).length === 0 ? {} : { query: left }) };
  set(state, "replace");
  // Not what a link asked for: who opens the page by its command later would find it empty without a reason.
  if (Object.keys(change).some((key) => FILTERED[state.page]?.includes(key) === false)) keepFilter(state);
}

function set(state: PageState, how: "push" | "replace"): void {
  route.value = state;
  keepRoute(state);
  if (vscode !== undefined || location.hash === writeHash(state)) return;
  // A link may have named the page by its path, which the hash then replaces.
  if (how === "push") history.pushState(null, "", `/${writeHash(state)}`);
  else history.replaceState(null, "", `/${writeHash(state)}`);
}

on("open", ({ page: name, query: asked = filterOf(name) }) =>
  set(asked === undefined ? { page: name } : { page: name, query: asked }, "push"),
);
window.addEventListener("popstate", () => {
  const state = readHash(location.hash) ?? initial;
  route.value = state;
  keepRoute(state);
});
