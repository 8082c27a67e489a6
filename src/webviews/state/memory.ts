/**
 * What a page finds again after a reload: VS Code keeps it with the panel, a browser for the tab.
 * Small things only: places, filters, sizes.
 */
import { type Signal, signal } from "@preact/signals";
import type { PageState } from "../../control/page.ts";
import { vscode } from "../start.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Kept {
  route?: PageState;
  values?: Record<string, Json>;
}

const STORAGE_KEY = "portico";
const kept: Kept = readKept();

export function keptRoute(): PageState | undefined {
  return kept.route;
}

export function keepRoute(route: PageState): void {
  kept.route = route;
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
