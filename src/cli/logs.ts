/** `portico logs`: recorded requests, newest last, and those that end from now on. */

import { t } from "@vscode/l10n";
import type { RequestFilter, RequestRow } from "../control/requests.ts";
import { endedAt } from "../control/requestTimes.ts";
import { matches } from "../control/wildcard.ts";
import { unknownAccount } from "./accounts.ts";
import { BoundedOutput } from "./boundedOutput.ts";
import type { LogsArguments } from "./command.ts";
import { connectGateway, connectRunning } from "./connect.ts";
import { amount, clock, money, took } from "./labels.ts";
import { type Console, type ExitCode, steering } from "./output.ts";
import { plain, type Screen } from "./screen.ts";
import type { Session } from "./session.ts";
import { type Cell, type Column, rowLine, widthsOf } from "./table.ts";
import { using } from "./using.ts";

/** Requests that one question may bring. */
const PAGE = 500;

export async function showLogs(args: LogsArguments, console: Console): Promise<ExitCode> {
  return args.follow ? follow(args, console) : list(args, console);
}

async function list(args: LogsArguments, console: Console): Promise<ExitCode> {
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const rows = steered === undefined ? [] : await lastRows(steered, args);
    printer(args, console.out)(rows);
    if (rows.length > 0) return 0;
    if (await isStranger(args.account, steered)) {
      console.err.line(await unknownAccount(args.account ?? "", steered));
      return 1;
    }
    console.err.line(t("No request is recorded that this asks for."));
    return 0;
  });
}

async function follow(args: LogsArguments, console: Console): Promise<ExitCode> {
  const early: RequestRow[] = [];
  let print = (rows: readonly RequestRow[]) => void early.push(...rows);
  let gone = () => {};
  const end = new Promise<void>((resolve) => {
    gone = resolve;
  });
  return using(
    connectRunning({
      ...steering(console, args),
      onEvent(event, data) {
        if (event !== "requests" || !("rows" in data)) return;
        print(data.rows);
        if (data.missed > 0) console.err.line(`(${t("{0} more did not fit", data.missed)})`);
      },
      onClose: () => gone(),
    }),
    async (steered): Promise<ExitCode> => {
      if (steered === undefined) {
        const { program } = console.err;
        console.err.line(
          t("Portico is not running, so there is nothing to follow. Start it: {0}", `${program} serve`),
        );
        return 1;
      }
      // Listened to first, so that none falls in between.
      await steered.call("events.watch", { events: ["requests"] });
      const before = await lastRows(steered, args);
      if (before.length === 0 && (await isStranger(args.account, steered))) {
        console.err.line(await unknownAccount(args.account ?? "", steered));
        return 1;
      }
      const write = printer(args, endless(args, console));
      write(before);
      let last = before.at(-1)?.seq ?? 0;
      print = (rows) => {
        const fresh = rows.filter((row) => row.seq > last && isWanted(row, args));
        last = rows.at(-1)?.seq ?? last;
        write(fresh);
      };
      print(early);
      await end;
      console.err.line(t("Portico has ended."));
      return 1;
    },
  );
}

/** One that is removed may still have requests; one that nobody ever had is a slip of the pen. */
async function isStranger(account: string | undefined, steered: Session | undefined): Promise<boolean> {
  if (account === undefined) return false;
  const accounts = (await steered?.call("accounts.list", undefined)) ?? [];
  return accounts.every(({ id }) => id !== account);
}

/** For lines without end, which somebody may stop reading: what waits is bounded. */
function endless({ json }: LogsArguments, { out, err, stdout }: Console): Screen {
  if (stdout === undefined) return out;
  const bounded = new BoundedOutput(stdout, {
    missing(lines) {
      const words = `(${t("{0} lines are missing here, because nobody read them", lines)})`;
      if (!json) return `${words}\n`;
      // What a program reads is JSON alone.
      err.line(words);
      return "";
    },
  });
  const write = (text: string) => bounded.write(text);
  return { ...out, write, line: (text = "") => write(`${text}\n`) };
}

/** Oldest first. */
async function lastRows(steered: Session, args: LogsArguments): Promise<RequestRow[]> {
  const filter = filterOf(args);
  const found: RequestRow[] = [];
  let upTo: number | undefined;
  while (found.length < args.limit) {
    const limit = Math.min(PAGE, args.limit - found.length);
    const page = await steered.call("requests.list", {
      filter,
      offset: found.length,
      limit,
      ...(upTo === undefined ? {} : { upTo }),
    });
    found.push(...page.rows);
    upTo = page.upTo;
    if (page.rows.length < limit) break;
  }
  return found.reverse();
}

function filterOf({ errors, client, model, account }: LogsArguments): RequestFilter {
  return {
    ...(errors ? { outcome: "failed" as const } : {}),
    ...(client === undefined ? {} : { client }),
    ...(model === undefined ? {} : { model }),
    ...(account === undefined ? {} : { account }),
  };
}

/** The same for requests that are told as they end. */
export function isWanted(row: RequestRow, { errors, client, model, account }: LogsArguments): boolean {
  if (errors && row.outcome !== "failed") return false;
  if (client !== undefined && row.client !== client) return false;
  if (account !== undefined && row.account !== account) return false;
  return model === undefined || [row.model, row.modelUsed].some((name) => matches(model, name ?? ""));
}

const columns = (): readonly Column[] => [
  { head: t("TIME") },
  { head: t("STATUS") },
  { head: t("CLIENT"), min: 8 },
  { head: t("MODEL"), min: 12 },
  { head: t("ACCOUNT"), min: 6 },
  { head: t("TOKENS"), right: true },
  { head: t("COST"), right: true },
  { head: t("TOOK"), right: true },
  { head: "", min: 10 },
];
/** What most requests need; columns stay where they are while lines follow. */
const USUAL: readonly Cell[] = [
  "00:00:00",
  "200",
  "Claude Code",
  "claude-sonnet-4-5",
  "anthropic",
  "99.9 k > 9999",
  "$0.000",
  "99.9 s",
  "",
];

/** @returns prints rows as they come, the heads with the first of them */
function printer(
  { json }: Pick<LogsArguments, "json">,
  screen: Screen,
): (rows: readonly RequestRow[]) => void {
  if (json) {
    return (rows) => {
      for (const row of rows) screen.line(JSON.stringify(row));
    };
  }
  const heads = columns();
  let widths: number[] | undefined;
  return (rows) => {
    const lines = rows.map((row) => cellsOf(row, screen));
    if (widths === undefined && lines.length > 0) {
      widths = widthsOf(screen, heads, [USUAL, ...lines]);
      const first = heads.map(({ head }): Cell => ({ text: head, style: "dim" }));
      screen.line(rowLine(screen, heads, first, widths));
    }
    for (const line of lines) screen.line(rowLine(screen, heads, line, widths ?? []));
  };
}

export function cellsOf(row: RequestRow, screen: Pick<Screen, "now" | "utcOffset">): Cell[] {
  const { model = "", modelUsed, tokens, outcome } = row;
  const cut = row.errorKind === "cut";
  const status = outcome === "client-gone" ? t("gone") : cut ? t("cut") : String(row.status);
  const moved = row.failedOver ? t("after {0} tries", row.attempts) : "";
  return [
    clock(screen, endedAt(row)),
    { text: status, style: outcome === "ok" ? "green" : outcome === "failed" ? "red" : "yellow" },
    row.client,
    modelUsed === undefined || modelUsed === model ? model : `${model} > ${modelUsed}`,
    row.accountLabel ?? row.account ?? "",
    tokens === undefined ? "" : `${amount(tokens.input)} > ${amount(tokens.output)}`,
    money(row.cost),
    took(row.durationMs),
    plain(row.error ?? moved),
  ];
}
