/** The commands that ask a gateway and end. */
import type { Command } from "./arguments.ts";
import type { Console, ExitCode } from "./output.ts";

export type AskingCommand = Exclude<Command, { kind: "help" | "version" | "serve" | "route" }>;

/** Each loads what it needs. */
export async function ask(command: AskingCommand, console: Console): Promise<ExitCode> {
  switch (command.kind) {
    case "status":
      return (await import("./status.ts")).showStatus(command, console);
    case "dashboard":
      return (await import("./dashboard.ts")).showDashboard(command, console);
    case "accounts list":
      return (await import("./accounts.ts")).listAccounts(command, console);
    case "accounts add":
      return (await import("./addAccount.ts")).addAccount(command, console, process.stdin);
    case "accounts remove":
      return (await import("./accounts.ts")).removeAccount(command, console);
    case "accounts test":
      return (await import("./accounts.ts")).testAccounts(command, console);
    case "logs":
      return (await import("./logs.ts")).showLogs(command, console);
    case "stats":
      return (await import("./stats.ts")).showStats(command, console);
  }
}
