/** What a person does with accounts, one or many of them, and one summary of what worked. */

import { signal } from "@preact/signals";
import { t } from "@vscode/l10n";
import { canPause, type ListedAccount } from "../../../control/accounts.ts";
import type { CheckResult } from "../../../control/contract.ts";
import { accounts } from "../../state/gateway.ts";
import { isCancelled, messageOf } from "../../state/loaded.ts";
import { call } from "../../transport.ts";
import { accountCount, modelCount } from "./labels.ts";

/** Milliseconds for a call that proves something. */
export const CHECK_TIMEOUT_MS = 70_000;
const QUOTAS_TIMEOUT_MS = 60_000;
const AT_ONCE = 4;
const MAX_TESTS = 200;

/** Ids of accounts that something is done with. */
export const working = signal<ReadonlySet<string>>(new Set());
/** The last test of each account since the page was loaded. */
export const tests = signal<ReadonlyMap<string, CheckResult & { time: number }>>(new Map());

export interface Summary {
  words: string;
  /** What did not work, by account. */
  failed: { label: string; message: string }[];
  /** Set in the config file, so left as they are. */
  skipped: string[];
}
export const summary = signal<Summary | undefined>(undefined);

/** Reads the list anew, where an event may take its time. */
export async function reread(): Promise<void> {
  accounts.value = { kind: "ready", value: await call("accounts.list") };
}

/** @throws ControlError */
export async function test(id: string): Promise<CheckResult> {
  return await during(id, async () => {
    const result = await call("accounts.test", { id }, { timeoutMs: CHECK_TIMEOUT_MS });
    const kept = [...tests.value].filter(([each]) => each !== id).slice(1 - MAX_TESTS);
    tests.value = new Map([...kept, [id, { ...result, time: Date.now() }]]);
    await reread();
    return result;
  });
}

export async function setEnabled(id: string, enabled: boolean): Promise<void> {
  await during(id, () => call("accounts.update", { id, enabled }));
  await reread();
}

/** Forgets what holds it back. */
export async function clearHolds(id: string, model?: string): Promise<void> {
  const params = model === undefined ? { id } : { id, model };
  accounts.value = {
    kind: "ready",
    value: await during(id, () => call("accounts.clear", params)),
  };
}

export async function refreshQuotas(): Promise<void> {
  const value = await call("accounts.quotas.refresh", undefined, { timeoutMs: QUOTAS_TIMEOUT_MS });
  accounts.value = { kind: "ready", value };
}

export type BulkKind = "enable" | "disable" | "test" | "clear" | "remove";

/** Does it to each, some at a time; one that fails keeps none of the others back. */
export async function bulk(kind: BulkKind, chosen: readonly ListedAccount[]): Promise<void> {
  summary.value = undefined;
  const editing = kind === "enable" || kind === "disable" || kind === "remove";
  const doable = chosen.filter(
    (account) => !editing || (kind === "remove" ? !account.readOnly : canPause(account)),
  );
  const skipped = chosen.filter((each) => !doable.includes(each)).map(({ label }) => label);
  const failed: Summary["failed"] = [];
  const left = [...doable];
  let worked = 0;
  const worker = async () => {
    for (let account = left.shift(); account !== undefined; account = left.shift()) {
      const message = await attempt(kind, account);
      if (message === undefined) worked += 1;
      else failed.push({ label: account.label, message });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await reread();
  summary.value = { words: bulkLabel(kind, worked), failed, skipped };
}

/** @returns what went wrong, for a person */
async function attempt(kind: BulkKind, { id }: ListedAccount): Promise<string | undefined> {
  try {
    if (kind === "test") {
      const result = await test(id);
      return result.ok ? undefined : result.message;
    }
    if (kind === "clear") await clearHolds(id);
    else if (kind === "remove") await during(id, () => call("accounts.remove", { id }));
    else await during(id, () => call("accounts.update", { id, enabled: kind === "enable" }));
    return undefined;
  } catch (thrown) {
    return isCancelled(thrown) ? t("It was stopped.") : messageOf(thrown);
  }
}

function bulkLabel(kind: BulkKind, worked: number): string {
  const count = accountCount(worked);
  const words: Record<BulkKind, string> = {
    test: worked === 1 ? t("1 account works.") : t("{0} work.", count),
    enable: t("Switched on: {0}.", count),
    disable: t("Switched off: {0}.", count),
    clear: t("May be used again: {0}.", count),
    remove: t("Removed: {0}.", count),
  };
  return words[kind];
}

export function testLabel(result: CheckResult): string {
  if (result.ok) {
    return result.models.length === 0
      ? t("It works.")
      : t("It works: {0}.", modelCount(result.models.length));
  }
  switch (result.reason) {
    case "key-refused":
      return t("The provider refused the key: {0}", result.message);
    case "unreachable":
      return t("The provider could not be reached: {0}", result.message);
    default:
      return result.message;
  }
}

async function during<T>(id: string, job: () => Promise<T>): Promise<T> {
  working.value = new Set([...working.value, id]);
  try {
    return await job();
  } finally {
    working.value = new Set([...working.value].filter((each) => each !== id));
  }
}
