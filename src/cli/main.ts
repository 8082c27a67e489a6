/** `portico`: the gateway without VS Code, and the commands that steer one. */
import { speak } from "./language.ts";
import { exit, systemConsole } from "./output.ts";
import { run } from "./run.ts";

// VS Code's runtime was told by it to be Node.js; programs that we start are told nothing.
delete process.env.ELECTRON_RUN_AS_NODE;

// Whoever reads our output may go away; requests do not depend on it.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const console = systemConsole();
await speak(console.env, process.stdout.isTTY === true);
const code = await run(process.argv.slice(2), console);
if (code !== undefined) exit(code);
