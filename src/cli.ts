/** `portico`: the gateway without VS Code, and the commands that steer one. */
import { ConfigError, parseCommand, UsageError } from "./cli/arguments.ts";
import { helpText } from "./cli/help.ts";
import { exit, messageOf, systemConsole } from "./cli/output.ts";
import { ask } from "./cli/run.ts";
import { VERSION } from "./gateway/version.ts";

// Each command loads what it needs: the whole gateway takes its time.
async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  switch (command.kind) {
    case "help":
      process.stdout.write(helpText(command.topic));
      return;
    case "version":
      process.stdout.write(`${VERSION}\n`);
      return;
    case "serve": {
      const { serve } = await import("./cli/serve.ts");
      return serve(command, process.env);
    }
    case "route": {
      const { explainRoute } = await import("./cli/route.ts");
      const lines = await explainRoute(command, process.env, (line) => process.stderr.write(line));
      process.stdout.write(`${lines.join("\n").trimEnd()}\n`);
      return;
    }
    default:
      exit(await ask(command, systemConsole()));
  }
}

// Whoever reads our output may go away; requests do not depend on it.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

main().catch((error: unknown) => {
  const misused = error instanceof UsageError;
  const hint = misused && !(error instanceof ConfigError) ? "Try: portico --help\n" : "";
  process.stderr.write(`portico: ${messageOf(error)}\n${hint}`);
  exit(misused ? 2 : 1);
});
