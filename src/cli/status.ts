/** `portico status`. */

import { t } from "@vscode/l10n";
import type { Status } from "../control/contract.ts";
import { duration } from "../gateway/common/duration.ts";
import type { AskArguments } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { foldersOf } from "./folders.ts";
import { clock, hold } from "./labels.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { type Colour, paint, plain, type Screen, widthOf } from "./screen.ts";
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
      t("Portico is not running {0}.", paint(screen, "dim", `(${t("data folder {0}", report.dataDir)})`)),
      t("Start it: {0}", `${screen.program} serve`),
    ];
  }
  const { status, pid, dataDir } = report;
  const { proxy } = status;
  const facts: [string, string][] = [];
  if (proxy.kind === "running") facts.push([t("Address"), proxy.baseUrl]);
  facts.push(
    [t("Open to"), status.lan ? t("this computer and, with the key, the network") : t("this computer only")],
    [t("Key"), keyLabel(status)],
    [t("Accounts"), accountSummary(status, screen.program)],
    [t("Requests"), t("{0} in flight", status.active)],
    ...(status.pool === undefined ? [] : [[t("Pool"), poolLabel(status.pool)] as [string, string]]),
    [t("Process"), t("{0}, version {1}", pid, status.version)],
    [t("Data folder"), dataDir],
  );
  const left = Math.max(...facts.map(([name]) => widthOf(name))) + 2;
  const lines = [
    headline(status, screen),
    ...facts.map(
      ([name, value]) => `  ${paint(screen, "dim", name + " ".repeat(left - widthOf(name)))}${plain(value)}`,
    ),
  ];
  const held = waiting(status).map(({ account, label, reason, ...each }) => {
    const name = `${plain(nameOf(status, account, label))}${each.model === undefined ? "" : ` ${plain(each.model)}`}`;
    return `  ${name}: ${hold(each, screen.now())} (${plain(reason)})`;
  });
  if (held.length > 0) lines.push("", t("Held back:"), ...held);
  const problems = status.problems.map(({ severity, message }) => {
    const style: Colour = severity === "error" ? "red" : severity === "notice" ? "dim" : "yellow";
    return `  ${paint(screen, style, severity === "error" ? "!" : "-")} ${plain(message)}`;
  });
  if (problems.length > 0) lines.push("", t("Needs attention:"), ...problems);
  if (status.problems.some(({ account }) => account !== undefined)) {
    lines.push(t("Mend it: {0}", `${screen.program} dashboard --open`));
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
      const since = t("since {0}, {1}", clock(screen, proxy.since), duration(screen.now() - proxy.since));
      return `${paint(screen, "green", t("Portico is running"))} ${paint(screen, "dim", `(${since})`)}`;
    }
    case "starting":
      return t("Portico is starting on port {0}", proxy.port);
    case "stopped":
      return paint(
        screen,
        "yellow",
        proxy.stopping === undefined
          ? t("Portico is here, and its proxy is stopped")
          : t("Portico is here, and its proxy is stopping: {0} under way", active),
      );
    case "failed":
      return paint(screen, "red", plain(proxy.message));
    case "unknown":
      return t("Portico is {0}", plain(proxy.word));
  }
}

function keyLabel({ authMode }: Status): string {
  if (authMode === "strict") return t("asked of everyone");
  return authMode === "all_except_health"
    ? t("asked of everyone, but for health")
    : t("not asked for on this computer");
}

function poolLabel({ name, state, gateways }: NonNullable<Status["pool"]>): string {
  if (state === "away") return t("{0}: its engine is away", name);
  if (state === "connecting") return t("{0}: connecting", name);
  return `${name}: ${gateways.join(", ")}`;
}

function accountSummary({ accounts, ready, sandboxOnly, held }: Status, program: string): string {
  if (accounts === 0) {
    return t("none: only the sandbox answers ({0})", `${program} accounts add PROVIDER`);
  }
  if (sandboxOnly) return t("{0}, all off: only the sandbox answers", accounts);
  if (held.length === 0) return t("{0}, {1} ready", accounts, ready);
  return t("{0}, {1} ready, {2} held back", accounts, ready, held.length);
}
