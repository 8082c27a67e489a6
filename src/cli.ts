/**
 * `portico`, once it is known that this Node.js can run it. What a module imports is loaded before its
 * first line runs, so this one imports nothing that an old Node.js has not.
 */
import module from "node:module";

if (module.isBuiltin?.("node:sqlite")) {
  await import("./cli/main.ts");
} else {
  process.stderr.write(
    `portico: needs Node.js 22.13 or newer, but this is ${process.versions.node}. ` +
      "In a clone, npm start and npx portico run on the Node.js 24 that it brings along; elsewhere install Node.js 24.\n",
  );
  process.exitCode = 1;
}
