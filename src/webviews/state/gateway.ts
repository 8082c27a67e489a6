/** What every page knows of the gateway, kept up to date by its events. */
import { computed, effect, type Signal, signal } from "@preact/signals";
import { t } from "@vscode/l10n";
import { useEffect } from "preact/hooks";
import type { ListedAccount } from "../../control/accounts.ts";
import type { Status, WatchedEvent } from "../../control/contract.ts";
import { readProxyState } from "../../control/proxyState.ts";
import type { RequestRow } from "../../control/requests.ts";
import type { SettingName, SettingsView, SettingValues, SurroundingsView } from "../../control/settings.ts";
import { type StateWords, stateWords } from "../../control/stateWords.ts";
import { call, link, on } from "../transport.ts";
import { now } from "./clock.ts";
import { type Loaded, loadInto, readyOf } from "./loaded.ts";
import { freshness } from "./seen.ts";
import { watch } from "./watch.ts";

/** The last status heard; kept while disconnected, when it is old. */
export const status = signal<Status | undefined>(undefined);
export const accounts = signal<Loaded<ListedAccount[]>>({ kind: "loading" });
export const settings = signal<Loaded<SettingsView>>({ kind: "loading" });
/** Newest first. */
export const latestRequests = signal<Loaded<RequestRow[]>>({ kind: "loading" });
export const surroundings = signal<SurroundingsView | undefined>(undefined);

/** How many of the last requests the small lists keep. */
const LATEST = 50;

export type Phase = "connecting" | "disconnected" | "stopping" | Status["proxy"]["kind"];
/** The one word of the strip on top. */
export const phase = computed<Phase>(() => {
  const { kind } = link.value;
  if (kind !== "connected") return kind;
  const proxy = status.value?.proxy;
  if (proxy?.kind === "stopped" && proxy.stopping !== undefined) return "stopping";
  return proxy?.kind ?? "connecting";
});

/** The same with the worst that is true besides, in the words of status bar and menu. */
export const standing = computed<StateWords>(() => {
  const { kind } = link.value;
  const snapshot = kind === "connected" ? (status.value ?? "connecting") : kind;
  return stateWords(snapshot, now.value, t);
});

/** None before they are loaded. */
export function knownAccounts(): readonly ListedAccount[] {
  return readyOf(accounts.value) ?? NO_ACCOUNTS;
}
/** The same each time, for what is made of them and kept. */
const NO_ACCOUNTS: readonly ListedAccount[] = [];

/** One setting as it is now; `undefined` before they are loaded. */
export function settingNow<N extends SettingName>(name: N): SettingValues[N] | undefined {
  return readyOf(settings.value)?.values[name];
}

/** The label of an account, its id where it is not known. */
export function accountLabel(id: string): string {
  return knownAccounts().find((each) => each.id === id)?.label ?? id;
}

on("status", hear);
function hear(data: Status): void {
  status.value = { ...data, proxy: readProxyState(data.proxy) };
}
on("accounts", (data) => {
  accounts.value = { kind: "ready", value: data };
});
on("settings", (data) => {
  settings.value = { kind: "ready", value: data };
});
on("requests", ({ rows, missed }) => {
  const known = latestRequests.peek();
  if (known.kind !== "ready") return;
  const newest = [...rows].reverse().slice(0, LATEST);
  // What was missed lies between what is shown and what came: what is shown is too old to stand beside it.
  const before = missed > 0 ? [] : known.value.filter(({ id }) => !newest.some((row) => row.id === id));
  latestRequests.value = { kind: "ready", value: [...newest, ...before].slice(0, LATEST) };
});

const snapshots = {
  accounts: () => read(accounts, (signal) => call("accounts.list", undefined, { signal })),
  settings: () => read(settings, (signal) => call("settings.get", undefined, { signal })),
  requests: () =>
    read(latestRequests, async (signal) => {
      const { rows } = await call("requests.list", { limit: LATEST }, { signal });
      return rows;
    }),
} satisfies Record<WatchedEvent, () => () => void>;

/** Takes a snapshot, and keeps it up to date while the component is on the screen. */
export function useLive(event: WatchedEvent): void {
  const fresh = freshness.value;
  const connected = link.value.kind === "connected";
  useEffect(() => watch(event), [event]);
  useEffect(() => (connected ? snapshots[event]() : undefined), [event, fresh, connected]);
}

/** @returns cancels it */
function read<T>(into: Signal<Loaded<T>>, load: (signal: AbortSignal) => Promise<T>): () => void {
  const controller = new AbortController();
  void loadInto(into, load, controller.signal);
  return () => controller.abort();
}

effect(() => {
  if (freshness.value === 0 || link.peek().kind !== "connected") return;
  // Neither is needed to show a page; where they fail, the connection is gone and they are asked for again.
  call("status.get").then(hear, () => undefined);
  call("surroundings.get").then(
    (value) => {
      surroundings.value = value;
    },
    () => undefined,
  );
});
