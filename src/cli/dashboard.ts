/** `portico dashboard`: a fresh link to the dashboard of the gateway that runs. */

import { pathToFileURL } from "node:url";
import { t } from "@vscode/l10n";
import { openInBrowser } from "./browser.ts";
import type { DashboardArguments } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { using } from "./using.ts";

export async function showDashboard(args: DashboardArguments, console: Console): Promise<ExitCode> {
  return using(connectRunning(steering(console, args)), async (found) => {
    if (found === undefined) {
      const { program } = console.err;
      console.err.line(
        t("Portico is not running, so there is no dashboard. Start it: {0}", `${program} serve`),
      );
      return 1;
    }
    const { url, file } = await found.call("dashboard.link", args.open ? { file: true } : undefined);
    if (args.json) json(console, { url });
    else console.out.line(url);
    if (!args.open) return 0;
    // Whoever lists processes sees their arguments: the link itself is none of them.
    if (file !== undefined && (await openInBrowser(pathToFileURL(file).href))) {
      console.err.line(t("If your browser shows no dashboard, open the link yourself."));
      return 0;
    }
    console.err.line(t("No browser could be started. Open the link yourself."));
    return 1;
  });
}
