/** `portico accounts list|remove|test`. */

import { t } from "@vscode/l10n";
import type { AccountState, ListedAccount } from "../control/accounts.ts";
import type { CheckResult } from "../control/contract.ts";
import type { AccountsArguments, AskArguments } from "./command.ts";
import { connectGateway } from "./connect.ts";
import { leftOf, stateOf } from "./labels.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { type Colour, paint, plain, type Screen } from "./screen.ts";
import type { Session } from "./session.ts";
import { type Cell, type Column, table } from "./table.ts";
import { using } from "./using.ts";

export async function listAccounts(args: AccountsArguments, console: Console): Promise<ExitCode> {
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const accounts = (await steered?.call("accounts.list", undefined)) ?? [];
    if (args.json) json(console, accounts);
    else for (const line of accountLines(accounts, console.out)) console.out.line(line);
    return 0;
  });
}

const columns = (): readonly Column[] => [
  { head: t("ID"), min: 8 },
  { head: t("LABEL"), min: 8 },
  { head: t("PROVIDER") },
  { head: t("STATE"), min: 12 },
  { head: t("LEFT"), min: 10 },
  { head: t("BUSY"), right: true },
];

export function accountLines(accounts: readonly ListedAccount[], screen: Screen): string[] {
  if (accounts.length === 0) {
    return [t("There is no account yet. Add one: {0}", `${screen.program} accounts add PROVIDER`)];
  }
  const now = screen.now();
  const rows = accounts.map((account): Cell[] => [
    account.id,
    account.label,
    account.provider,
    { text: stateOf(account, now), style: colourOf(account.state) },
    leftOf(account, now),
    account.inFlight ? String(account.inFlight) : "",
  ]);
  // What nobody has, nobody needs to see.
  const all = columns();
  const shown = all.flatMap((_column, index) => (rows.some((row) => row[index] !== "") ? [index] : []));
  const lines = table(
    screen,
    all.filter((_column, index) => shown.includes(index)),
    rows.map((row) => row.filter((_cell, index) => shown.includes(index))),
  );
  const reasons = accounts.flatMap(({ id, state, held }) =>
    state === "needs-attention" ? held.slice(0, 1).map(({ reason }) => `${id}: ${plain(reason)}`) : [],
  );
  const fixed = accounts.filter(({ readOnly }) => readOnly).map(({ id }) => id);
  if (fixed.length > 0) reasons.push(paint(screen, "dim", t("From the config file: {0}", fixed.join(", "))));
  return reasons.length === 0 ? lines : [...lines, "", ...reasons];
}

const COLOURS: Readonly<Record<AccountState, Colour>> = {
  ready: "green",
  cooling: "yellow",
  exhausted: "yellow",
  "needs-attention": "red",
  disabled: "dim",
};

function colourOf(state: ListedAccount["state"]): Colour {
  return Object.hasOwn(COLOURS, state) ? COLOURS[state as AccountState] : "yellow";
}

export async function removeAccount(
  args: AskArguments & { readonly id: string },
  console: Console,
): Promise<ExitCode> {
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const removed = (await steered?.call("accounts.remove", { id: args.id }))?.removed ?? false;
    if (args.json) json(console, { removed });
    else if (removed) console.out.line(t("Removed {0} and its key.", args.id));
    if (!removed && !args.json) console.err.line(await unknownAccount(args.id, steered));
    return removed ? 0 : 1;
  });
}

/** With `--json`, a list of these. */
export type TestedAccount = { readonly id: string } & CheckResult;

export async function testAccounts(
  args: AccountsArguments & { readonly id: string | undefined },
  console: Console,
): Promise<ExitCode> {
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const accounts = (await steered?.call("accounts.list", undefined)) ?? [];
    const wanted =
      args.id === undefined
        ? accounts.filter(({ state }) => state !== "disabled")
        : accounts.filter(({ id }) => id === args.id);
    if (steered === undefined || wanted.length === 0) {
      const command = `${console.err.program} accounts add PROVIDER`;
      const none = t("There is no account to test. Add one: {0}", command);
      if (args.json) json(console, []);
      console.err.line(args.id === undefined ? none : await unknownAccount(args.id, steered));
      return args.id === undefined ? 0 : 1;
    }
    const tested: TestedAccount[] = [];
    for (const { id } of wanted) {
      const result = await steered.call("accounts.test", { id });
      tested.push({ id, ...result });
      if (!args.json) console.out.line(testedLine(id, result, console.out));
    }
    if (args.json) json(console, tested);
    return tested.every(({ ok }) => ok) ? 0 : 1;
  });
}

function testedLine(id: string, result: CheckResult, screen: Screen): string {
  if (!result.ok) return `${id}: ${paint(screen, "red", t("does not work"))}: ${plain(result.message)}`;
  const { length } = result.models;
  const models = length === 1 ? t("1 model") : t("{0} models", length);
  return `${id}: ${paint(screen, "green", t("works"))}, ${models}`;
}

export async function unknownAccount(id: string, steered: Session | undefined): Promise<string> {
  const ids = ((await steered?.call("accounts.list", undefined)) ?? []).map((account) => account.id);
  const there =
    ids.length === 0 ? t("There are none yet.") : t("There are: {0}.", ids.slice(0, 50).join(", "));
  return `${t("There is no account {0}.", JSON.stringify(id))} ${there}`;
}
