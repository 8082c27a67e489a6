/** `portico start`, `stop` and `restart`: the proxy of the Portico that runs, in VS Code or without. */

import { t } from "@vscode/l10n";
import type { Status } from "../control/contract.ts";
import type { SteerArguments } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain, type Screen } from "./screen.ts";
import { using } from "./using.ts";

/** Milliseconds; a stop waits for the requests that are under way, at most as long as the settings give them. */
const STOP_MS = 11 * 60_000;

export async function steerProxy(
  args: SteerArguments & { readonly kind: "start" | "stop" | "restart" },
  console: Console,
): Promise<ExitCode> {
  const { kind, now } = args;
  const { out, err } = console;
  return using(connectRunning(steering(console, args)), async (found): Promise<ExitCode> => {
    if (found === undefined) {
      if (args.json) json(console, { running: false });
      err.line(t("Portico is not running. Start it: {0}", `${err.program} serve`));
      // Stopped is what it is.
      return kind === "stop" ? 0 : 1;
    }
    const before = await found.call("status.get", undefined);
    if (kind === "stop" && !now && before.active > 0) err.line(waiting(before.active, err));
    const after =
      kind === "stop"
        ? await found.call("proxy.stop", now ? { now } : undefined, STOP_MS)
        : await found.call(kind === "start" ? "proxy.start" : "proxy.restart", undefined, STOP_MS);
    if (args.json) json(console, after);
    else {
      out.line(said(kind, after, out));
      const { connected = [], proxy } = after;
      if (connected.length > 0 && kind !== "restart" && before.proxy.kind !== proxy.kind) {
        const names = connected.map(plain).join(", ");
        out.line(
          proxy.kind === "running"
            ? t("Refused until now: {0}", names)
            : t("Refused until it runs again: {0}", names),
        );
      }
    }
    return (after.proxy.kind === "running") === (kind !== "stop") ? 0 : 1;
  });
}

function waiting(active: number, { program }: Screen): string {
  const command = `${program} stop --now`;
  return active === 1
    ? t("Waiting for 1 request under way. End it now: {0}", command)
    : t("Waiting for {0} requests under way. End them now: {1}", active, command);
}

function said(kind: "start" | "stop" | "restart", { proxy }: Status, { program }: Screen): string {
  if (proxy.kind === "running") {
    return kind === "stop"
      ? t("It was started again: {0}", proxy.baseUrl)
      : t("Running at {0}", proxy.baseUrl);
  }
  if (proxy.kind === "failed") return t("It does not start: {0}", plain(proxy.message));
  return kind === "stop"
    ? t("Stopped. Start it again: {0}", `${program} start`)
    : t("It is {0}.", proxy.kind);
}
