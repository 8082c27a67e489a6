/** `portico start`, `stop` and `restart`: the proxy of the Portico that runs, in VS Code or without. */

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
      err.line(`Portico is not running. Start it: ${err.program} serve`);
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
        const until = proxy.kind === "running" ? "Refused until now" : "Refused until it runs again";
        out.line(`${until}: ${connected.map(plain).join(", ")}`);
      }
    }
    return (after.proxy.kind === "running") === (kind !== "stop") ? 0 : 1;
  });
}

function waiting(active: number, { program }: Screen): string {
  const requests = active === 1 ? "1 request" : `${active} requests`;
  return `Waiting for ${requests} under way. End ${active === 1 ? "it" : "them"} now: ${program} stop --now`;
}

function said(kind: "start" | "stop" | "restart", { proxy }: Status, { program }: Screen): string {
  if (proxy.kind === "running") {
    return kind === "stop" ? `It was started again: ${proxy.baseUrl}` : `Running at ${proxy.baseUrl}`;
  }
  if (proxy.kind === "failed") return `It does not start: ${plain(proxy.message)}`;
  return kind === "stop" ? `Stopped. Start it again: ${program} start` : `It is ${proxy.kind}.`;
}
