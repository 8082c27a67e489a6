/**
 * What a page finds again after a reload: VS Code keeps it with the panel, a browser for the tab.
 * Small things only: places, filters, sizes. VS Code reads `page` and `query` of it to restore a panel.
 */
import { type Signal, signal } from "@preact/signals";
import type { PageState } from "../../control/page.ts";
import { start, vscode } from "../start.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Kept extends Partial<PageState> {
  /** What the host asked for when this was kept: asked for anew, it goes before what was kept. */
  asked?: string;
  values?: Record<string, Json>;
}

const STORAGE_KEY = "portico";
let kept: Kept = readKept();
const asked = JSON.stringify(start.open ?? null);

/** Where the person was, unless the host asks for another page than it did then. */
export function keptRoute(): PageState | undefined {
  const { page, query } = kept;
  if (page === undefined || kept.asked !== asked) return undefined;
  return query === undefined ? { page } : { page, query };
}

export function keepRoute({ page, query }: PageState): void {
  const { values } = kept;
  kept = {
    page,
    ...(query === undefined ? {} : { query }),
    asked,
    ...(values === undefined ? {} : { values }),
  };
  write();
}

/** A signal whose value outlives the page. `accept` refuses what an older version wrote. */
export function remembered<T extends Json>(
  name: string,
  initial: T,
  accept: (value: unknown) => value is T,
): Signal<T> {
  const old = kept.values?.[name];
  const state = signal<T>(accept(old) ? old : initial);
  state.subscribe((value) => {
    if (kept.values?.[name] === value || (value === initial && kept.values?.[name] === undefined)) return;
    kept.values = { ...kept.values, [name]: value };
    write();
  });
  return state;
}

/** Texts by name. */
export function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((v) => typeof v === "string")
  );
}

function readKept(): Kept {
  try {
    const state: unknown =
      vscode === undefined ? JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}") : vscode.getState();
    return typeof state === "object" && state !== null ? state : {};
  } catch {
    // A browser that keeps nothing is fine, and so is one that kept nonsense.
    return {};
  }
}

function write(): void {
  if (vscode !== undefined) {
    vscode.setState(kept);
    return;
  }
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing is fine.
  }
}
