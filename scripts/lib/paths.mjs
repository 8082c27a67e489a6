// Where things are. Plain Node built-ins only: this runs before anything is installed.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What undici 8 asks for; `node:sqlite` needs no flag since 22.13. https://nodejs.org/api/sqlite.html */
const OLDEST = [22, 19];

/** The Node.js that comes with the project's packages. */
export const bundledNode = join(
  root,
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/** The Node.js to run Portico with: the project's own, else this one where it is new enough. */
export function findNode() {
  if (existsSync(bundledNode)) return bundledNode;
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return process.execPath;
  throw new Error(
    [
      `Node.js ${process.versions.node} is too old to run Portico, and the newer one among its packages is missing`,
      "(npm may be set to run no install scripts). Either is fine:",
      "  npm rebuild node --ignore-scripts=false",
      `  install Node.js ${OLDEST.join(".")} or newer`,
    ].join("\n"),
  );
}

/** A tool of the project's packages, as the script that Node.js runs: no shell, no `.cmd` files. */
export const tool = (...parts) => join(root, "node_modules", ...parts);
