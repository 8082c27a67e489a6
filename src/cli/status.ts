/** `portico status`. */

import type { Status } from "../control/contract.ts";
import { duration } from "../gateway/common/duration.ts";
import type { AskArguments } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { foldersOf } from "./folders.ts";
import { clock, hold } from "./labels.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { type Colour, paint, plain, type Screen } from "./screen.ts";
import { using } from "./using.ts";

/** With `--json`. */
export type StatusReport =
  | { readonly running: true; readonly pid: number; readonly dataDir: string; readonly status: Status }
  | { readonly running: false; readonly dataDir: string };

/** @returns 0 while the proxy runs, else 1 */
export async function showStatus(args: AskArguments, console: Console): Promise<ExitCode> {
  const report = await readStatus(args, console);
  if (args.json) json(console, report);
  else for (const line of statusLines(report, console.out)) console.out.line(line);
  return report.running && report.status.proxy.kind === "running" ? 0 : 1;
}

async function readStatus(args: AskArguments, console: Console): Promise<StatusReport> {
  return using(connectRunning(steering(console, args)), async (found) => {
    if (found?.running === undefined) {
      return { running: false, dataDir: foldersOf(args.dataDir, console.env).data };
    }
    const status = await found.call("status.get", undefined);
    return { running: true, pid: found.running.pid, dataDir: found.dataDir, status };
  });
}

export function statusLines(report: StatusReport, screen: Screen): string[] {
  if (!report.running) {
    return [
      `Portico is not running ${paint(screen, "dim", `(data folder ${report.dataDir})`)}.`,
      `Start it: ${screen.program} serve`,
    ];
  }
  const { status, pid, dataDir } = report;
  const { proxy } = status;
  const facts: [string, string][] = [];
  if (proxy.kind === "running") facts.push(["Address", proxy.baseUrl]);
  facts.push(
    ["Open to", status.lan ? "this computer and, with the key, the network" : "this computer only"],
    ["Key", keyLabel(status)],
    ["Accounts", accountSummary(status, screen.program)],
    ["Requests", `${status.active} in flight`],
    ["Process", `${pid}, version ${status.version}`],
    ["Data folder", dataDir],
  );
  const left = Math.max(...facts.map(([name]) => name.length)) + 2;
  const lines = [
    headline(status, screen),
    ...facts.map(([name, value]) => `  ${paint(screen, "dim", name.padEnd(left))}${plain(value)}`),
  ];
  const held = waiting(status).map(({ account, label, reason, ...each }) => {
    const name = `${plain(nameOf(status, account, label))}${each.model === undefined ? "" : ` ${plain(each.model)}`}`;
    return `  ${name}: ${hold(each, screen.now())} (${plain(reason)})`;
  });
  if (held.length > 0) lines.push("", "Held back:", ...held);
  const problems = status.problems.map(({ severity, message }) => {
    const style: Colour = severity === "error" ? "red" : "yellow";
    return `  ${paint(screen, style, severity === "error" ? "!" : "-")} ${plain(message)}`;
  });
  if (problems.length > 0) lines.push("", "Needs attention:", ...problems);
  if (status.problems.some(({ account }) => account !== undefined)) {
    lines.push(`Mend it: ${screen.program} dashboard --open`);
  }
  return lines;
}

/** What needs attention is said there, once. */
function waiting({ held, problems }: Status): Status["held"] {
  const told = new Set(problems.map(({ account }) => account));
  return held.filter(({ condition, account }) => condition !== "needs-attention" || !told.has(account));
}

/** Accounts without a label of their own share their provider's. */
function nameOf({ held }: Status, account: string, label: string): string {
  const shared = held.some((other) => other.label === label && other.account !== account);
  return shared ? account : label;
}

function headline({ proxy, active }: Status, screen: Screen): string {
  switch (proxy.kind) {
    case "running": {
      const since = `since ${clock(screen, proxy.since)}, ${duration(screen.now() - proxy.since)}`;
      return `${paint(screen, "green", "Portico is running")} ${paint(screen, "dim", `(${since})`)}`;
    }
    case "starting":
      return `Portico is starting on port ${proxy.port}`;
    case "stopped":
      return paint(
        screen,
        "yellow",
        proxy.stopping === undefined
          ? "Portico is here, and its proxy is stopped"
          : `Portico is here, and its proxy is stopping: ${active} under way`,
      );
    case "failed":
      return paint(screen, "red", plain(proxy.message));
    case "unknown":
      return `Portico is ${plain(proxy.word)}`;
  }
}

function keyLabel({ authMode }: Status): string {
  if (authMode === "strict") return "asked of everyone";
  return authMode === "all_except_health"
    ? "asked of everyone, but for health"
    : "not asked for on this computer";
}

function accountSummary({ accounts, ready, sandboxOnly, held }: Status, program: string): string {
  if (accounts === 0) return `none: only the sandbox answers (${program} accounts add PROVIDER)`;
  if (sandboxOnly) return `${accounts}, all off: only the sandbox answers`;
  return `${accounts}, ${ready} ready${held.length === 0 ? "" : `, ${held.length} held back`}`;
}
