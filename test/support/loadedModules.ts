/** Loaded before a program (`--import`): says on standard error, at its end, which packages and sources it had loaded. */

import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
process.on("exit", () => writeSync(2, `loaded: ${loaded.join(" ")}\n`));
