/** `portico key show` and `key rotate`: what clients show where they have to. */

import { t } from "@vscode/l10n";
import type { ApiKeyArguments } from "./command.ts";
import { openGateway } from "./connect.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { using } from "./using.ts";

/** The key alone is on standard output. */
export async function showApiKey(args: ApiKeyArguments, console: Console): Promise<ExitCode> {
  return using(openGateway(steering(console, args)), async (found): Promise<ExitCode> => {
    const { apiKey } = await found.call(args.rotate ? "auth.rotate" : "auth.key", undefined);
    if (args.json) json(console, { apiKey });
    else console.out.line(apiKey);
    if (args.rotate) console.err.line(t("The key from before is no longer taken."));
    return 0;
  });
}
