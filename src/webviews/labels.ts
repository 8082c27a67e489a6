/** Numbers as this page's reader writes them, and words that several pages say. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../control/accounts.ts";
import type { Status } from "../control/contract.ts";
import type { RequestRow } from "../control/requests.ts";
import { Format } from "./format.ts";
import { locale } from "./start.ts";
import type { Phase } from "./state/gateway.ts";

export const format = new Format(locale);

/** Colour is only ever a second way of saying it. */
export type Tone = "ok" | "warn" | "bad" | "off";

/** @param word of the gateway, where this version does not know the state */
export function phaseLabel(phase: Phase, word?: string): { word: string; tone: Tone } {
  switch (phase) {
    case "running":
      return { word: t("Running"), tone: "ok" };
    case "starting":
      return { word: t("Starting"), tone: "warn" };
    case "stopping":
      return { word: t("Stopping"), tone: "warn" };
    case "stopped":
      return { word: t("Stopped"), tone: "off" };
    case "failed":
      return { word: t("Not running"), tone: "bad" };
    case "disconnected":
      return { word: t("Disconnected"), tone: "bad" };
    case "connecting":
      return { word: t("Connecting"), tone: "off" };
    case "unknown":
      return { word: word ?? t("Not known"), tone: "warn" };
  }
}

/** Requests in flight. */
export function underWay(active: number): string {
  return active === 1 ? t("1 request under way") : t("{0} requests under way", format.count(active));
}

/** Who can reach the address, and who has to show the key. */
export function reachLabel({ lan, authMode }: Pick<Status, "lan" | "authMode">): string {
  const open = authMode === "off" || authMode === "auto";
  if (!lan) return open ? t("this computer only · no key needed here") : t("this computer only · key needed");
  return open ? t("your network · others need the key") : t("your network · key needed");
}

/** An account's state in a word; how long is a countdown's to say. */
export function stateLabel(state: ListedAccount["state"]): { word: string; tone: Tone } {
  switch (state) {
    case "ready":
      return { word: t("ready"), tone: "ok" };
    case "cooling":
      return { word: t("waiting"), tone: "warn" };
    case "exhausted":
      return { word: t("used up"), tone: "warn" };
    case "needs-attention":
      return { word: t("needs you"), tone: "bad" };
    case "disabled":
      return { word: t("off"), tone: "off" };
    default:
      return { word: state, tone: "warn" };
  }
}

/** `gpt-5 → gemini-2.5-pro`. */
export function modelLabel({ model, modelUsed }: Pick<RequestRow, "model" | "modelUsed">): string {
  if (model === undefined) return modelUsed ?? "";
  return modelUsed === undefined || modelUsed === model ? model : `${model} → ${modelUsed}`;
}

export function countOf(n: number, one: string, many: string): string {
  return n === 1 ? one : many;
}
