/** `portico`: the gateway without VS Code, and the commands that steer one. */
import { exit, systemConsole } from "./output.ts";
import { run } from "./run.ts";

// Whoever reads our output may go away; requests do not depend on it.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const code = await run(process.argv.slice(2), systemConsole());
if (code !== undefined) exit(code);
