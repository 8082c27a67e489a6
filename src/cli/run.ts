/** What a command line asks for, done; commands load what they need, since the whole gateway takes its time. */

import { t } from "@vscode/l10n";
import { messageOf } from "../gateway/common/errors.ts";
import { VERSION } from "../gateway/common/version.ts";
import { parseCommand } from "./arguments.ts";
import { type Command, ConfigError, UsageError } from "./command.ts";
import { helpText } from "./help.ts";
import type { Console } from "./output.ts";

/** @returns the exit code; `undefined`: the gateway serves until a signal ends it. Never rejects. */
export async function run(args: readonly string[], console: Console): Promise<number | undefined> {
  try {
    return await carryOut(parseCommand(args), console);
  } catch (error) {
    // What the control API says of a call that went wrong has translations.
    console.err.line(`portico: ${t(messageOf(error))}`);
    if (!(error instanceof UsageError)) return 1;
    if (!(error instanceof ConfigError)) console.err.line(t("Try: {0}", `${console.err.program} --help`));
    return 2;
  }
}

async function carryOut(command: Command, console: Console): Promise<number | undefined> {
  switch (command.kind) {
    case "help":
      console.out.line(helpText(command.topic).trimEnd());
      return 0;
    case "version":
      console.out.line(VERSION);
      return 0;
    case "serve":
      return (await import("./serve.ts")).serve(command, console);
    case "start":
    case "stop":
    case "restart":
      return (await import("./askCommands.ts")).steerProxy(command, console);
    case "key show":
    case "key rotate":
      return (await import("./askCommands.ts")).showApiKey(command, console);
    case "route":
      return (await import("./askCommands.ts")).showRoute(command, console);
    case "status":
      return (await import("./askCommands.ts")).showStatus(command, console);
    case "dashboard":
      return (await import("./askCommands.ts")).showDashboard(command, console);
    case "accounts list":
      return (await import("./accountCommands.ts")).listAccounts(command, console);
    case "accounts add":
      return (await import("./accountCommands.ts")).addAccount(command, console);
    case "accounts remove":
      return (await import("./accountCommands.ts")).removeAccount(command, console);
    case "accounts sign-in":
      return (await import("./accountCommands.ts")).signInAgain(command, console);
    case "accounts export":
      return (await import("./accountCommands.ts")).exportAccounts(command, console);
    case "accounts import":
      return (await import("./accountCommands.ts")).importAccounts(command, console);
    case "backup":
      return (await import("./accountCommands.ts")).backUp(command, console);
    case "restore":
      return (await import("./accountCommands.ts")).restore(command, console);
    case "accounts test":
      return (await import("./accountCommands.ts")).testAccounts(command, console);
    case "keys list":
      return (await import("./keys.ts")).listKeys(command, console);
    case "keys add":
      return (await import("./keys.ts")).addKey(command, console);
    case "keys update":
      return (await import("./keys.ts")).updateKey(command, console);
    case "keys rotate":
      return (await import("./keys.ts")).rotateKey(command, console);
    case "keys revoke":
      return (await import("./keys.ts")).revokeKey(command, console);
    case "logs":
      return (await import("./askCommands.ts")).showLogs(command, console);
    case "stats":
      return (await import("./askCommands.ts")).showStats(command, console);
    case "service install":
    case "service uninstall":
    case "service status":
      return (await import("./clientCommands.ts")).manageService(command, console);
    case "clients":
      return (await import("./clientCommands.ts")).listClients(command, console);
    case "connect":
      return (await import("./clientCommands.ts")).connectClient(command, console);
    case "connect outdated":
      return (await import("./clientCommands.ts")).updateClients(command, console);
    case "run":
      return (await import("./runClient.ts")).runClient(command, console);
    case "remove":
      return (await import("./clientCommands.ts")).removePortico(command, console);
    case "disconnect":
      return (await import("./clientCommands.ts")).disconnectClient(command, console);
  }
}
