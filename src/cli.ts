/** `portico`: the gateway without VS Code, and the commands that steer one. */
import { ConfigError, HELP, parseCommand, UsageError } from "./cli/arguments.ts";
import { exit, messageOf } from "./cli/output.ts";
import { VERSION } from "./gateway/version.ts";

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.kind === "help") process.stdout.write(HELP);
  else if (command.kind === "version") process.stdout.write(`${VERSION}\n`);
  // Each command loads what it needs: the whole gateway takes its time.
  else if (command.kind === "route") {
    const { explainRoute } = await import("./cli/route.ts");
    const lines = await explainRoute(command, process.env, (line) => process.stderr.write(line));
    process.stdout.write(`${lines.join("\n").trimEnd()}\n`);
  } else {
    const { serve } = await import("./cli/serve.ts");
    await serve(command, process.env);
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
