/** `portico keys list|add|update|rotate|revoke`: keys of clients. */
import { t } from "@vscode/l10n";
import type { KeyBudget, KeyChange, KeyView, MadeKey, NewKey } from "../control/keys.ts";
import type { AskArguments, KeyArguments, UpdateKeyArguments } from "./command.ts";
import { connectGateway, openGateway } from "./connect.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { paint, plain, type Screen } from "./screen.ts";
import type { Session } from "./session.ts";
import { type Cell, table } from "./table.ts";
import { using } from "./using.ts";

function asked<T>(args: AskArguments, console: Console, ask: (session: Session) => Promise<T>): Promise<T> {
  return using(openGateway(steering(console, args)), ask);
}

export async function listKeys(args: AskArguments, console: Console): Promise<ExitCode> {
  const keys = await using(connectGateway(steering(console, args)), async (found) =>
    found?.call("keys.list", undefined),
  );
  if (args.json) json(console, keys ?? []);
  else for (const line of keyLines(keys ?? [], console.out)) console.out.line(line);
  return 0;
}

export function keyLines(keys: readonly KeyView[], screen: Screen): string[] {
  if (keys.length === 0)
    return [t("There is no client key yet. Make one: {0}", `${screen.program} keys add NAME`)];
  const columns = [
    { head: t("ID"), min: 8 },
    { head: t("NAME"), min: 8 },
    { head: t("KEY") },
    { head: t("STATE") },
    { head: t("EXPIRES") },
    { head: t("LAST USED") },
    { head: t("LIMITS"), min: 12 },
  ];
  const rows = keys.map((key): Cell[] => [
    key.id,
    key.name,
    key.shown,
    { text: stateOf(key), style: key.state === "active" ? "green" : "yellow" },
    key.expiresAt === undefined ? "" : dateOf(key.expiresAt),
    key.lastUsedAt === undefined ? "" : dateOf(key.lastUsedAt),
    limitsOf(key),
  ]);
  const fixed = keys.filter(({ readOnly }) => readOnly).map(({ id }) => id);
  const about = t("From the config file: {0}", fixed.join(", "));
  return [...table(screen, columns, rows), ...(fixed.length === 0 ? [] : ["", paint(screen, "dim", about)])];
}

function stateOf({ state }: KeyView): string {
  if (state === "active") return t("active");
  return state === "disabled" ? t("disabled") : state === "expired" ? t("expired") : state;
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");

/** As the config file has them: names and numbers. */
function limitsOf({ models, accounts, budgets, perMinute, atOnce, from }: KeyView): string {
  const limits = {
    models: models?.join(","),
    accounts: accounts?.join(","),
    budgets: budgets?.map(({ unit, per, limit }) => `${unit}/${per}=${limit}`).join(","),
    perMinute:
      perMinute === undefined
        ? undefined
        : Object.entries(perMinute)
            .map(([unit, limit]) => `${unit}=${limit}`)
            .join(","),
    atOnce: atOnce === undefined ? undefined : String(atOnce),
    from: from?.join(","),
  };
  return Object.entries(limits)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value === "" ? "-" : value}`]))
    .join("; ");
}

export async function addKey(
  args: AskArguments & { readonly key: NewKey },
  console: Console,
): Promise<ExitCode> {
  show(await asked(args, console, (session) => session.call("keys.add", args.key)), args, console);
  return 0;
}

/**
 * A key by its id, or by its name where only one is called so.
 * @returns what was given, where there is no such key
 */
async function idOf(session: Session, given: string): Promise<string> {
  const keys = await session.call("keys.list", undefined);
  if (keys.some(({ id }) => id === given)) return given;
  const named = keys.filter(({ name }) => name === given).map(({ id }) => id);
  if (named.length > 1) {
    throw new Error(
      t("Several keys are called {0}; say which: {1}", JSON.stringify(given), named.join(", ")),
    );
  }
  return named[0] ?? given;
}

export async function updateKey(args: UpdateKeyArguments, console: Console): Promise<ExitCode> {
  const view = await asked(args, console, async (session) => {
    const id = await idOf(session, args.id);
    const before = (await session.call("keys.list", undefined)).find((key) => key.id === id);
    return session.call("keys.update", changeOf(id, args, before));
  });
  if (args.json) json(console, view);
  else for (const line of keyLines([view], console.out)) console.out.line(line);
  return 0;
}

/** @param before absent: there is no such key, which whoever is asked says */
export function changeOf(
  id: string,
  { name, enabled, limits, drop }: Pick<UpdateKeyArguments, "name" | "enabled" | "limits" | "drop">,
  before: KeyView | undefined,
): KeyChange {
  const gone = new Set(drop);
  const { perMinute: given, budgets, ...others } = limits;
  const perMinute = { ...before?.perMinute, ...given };
  if (gone.has("per-minute")) delete perMinute.requests;
  if (gone.has("tokens-per-minute")) delete perMinute.tokens;
  const changesMinute = given !== undefined || gone.has("per-minute") || gone.has("tokens-per-minute");
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(gone.has("model") ? { models: null } : {}),
    ...(gone.has("account") ? { accounts: null } : {}),
    ...(gone.has("at-once") ? { atOnce: null } : {}),
    ...(gone.has("budget") ? { budgets: null } : {}),
    ...(gone.has("from") ? { from: null } : {}),
    ...(gone.has("expires") ? { expiresAt: null } : {}),
    ...(gone.has("note") ? { note: null } : {}),
    ...others,
    ...(changesMinute ? { perMinute: Object.keys(perMinute).length === 0 ? null : perMinute } : {}),
    ...(budgets === undefined ? {} : { budgets: budgets.map((budget) => warningAsBefore(budget, before)) }),
  };
}

/** When it warns is not said here, and so stays. */
function warningAsBefore(budget: KeyBudget, before: KeyView | undefined): KeyBudget {
  const { unit, per } = budget;
  const same = before?.budgets?.find((each) => each.unit === unit && each.per === per);
  return same?.warnAtPercent === undefined ? budget : { ...budget, warnAtPercent: same.warnAtPercent };
}

export async function rotateKey(args: KeyArguments, console: Console): Promise<ExitCode> {
  const { grace } = args;
  const made = await asked(args, console, async (session) =>
    session.call("keys.rotate", {
      id: await idOf(session, args.id),
      ...(grace === undefined ? {} : { graceMs: grace * 60_000 }),
    }),
  );
  show(made, args, console);
  const until = made.view.previousUntil;
  console.err.line(
    until === undefined
      ? t("The key from before is no longer taken.")
      : t("The key from before is taken until {0}.", dateOf(until)),
  );
  return 0;
}

/** The key alone is on standard output. */
function show(made: MadeKey, args: AskArguments, console: Console): void {
  if (args.json) {
    json(console, made);
    return;
  }
  console.out.line(made.key);
  console.err.line(t("This is the key of {0}. It is shown this once.", plain(made.view.id)));
}

export async function revokeKey(args: KeyArguments, console: Console): Promise<ExitCode> {
  const { revoked } = await asked(args, console, async (session) =>
    session.call("keys.revoke", { id: await idOf(session, args.id) }),
  );
  if (args.json) json(console, { revoked });
  else if (revoked) console.out.line(t("Revoked {0}.", args.id));
  else console.err.line(t("There is no client key {0}.", JSON.stringify(args.id)));
  return revoked ? 0 : 1;
}
