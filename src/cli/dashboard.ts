/** `portico dashboard`: a fresh link to the dashboard of the gateway that runs. */

import { spawn } from "node:child_process";
import type { DashboardArguments } from "./arguments.ts";
import { during } from "./during.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { steerRunning } from "./steer.ts";

export async function showDashboard(args: DashboardArguments, console: Console): Promise<ExitCode> {
  return during(steerRunning(steering(console, args)), async (found) => {
    if (found === undefined) {
      const { program } = console.err;
      console.err.line(`Portico is not running, so there is no dashboard. Start it: ${program} serve`);
      return 1;
    }
    const { url } = await found.call("dashboard.link", undefined);
    if (args.json) json(console, { url });
    else console.out.line(url);
    if (!args.open || (await openInBrowser(url))) return 0;
    console.err.line("No browser could be started. Open the link yourself.");
    return 1;
  });
}

/** The program that hands an address to the person's browser, without a shell in between. */
export function browserCommand(platform: NodeJS.Platform, url: string): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}

/** @returns whether the program could be started */
function openInBrowser(url: string): Promise<boolean> {
  const [program, ...args] = browserCommand(process.platform, url);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
