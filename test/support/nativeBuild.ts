/** The environment in which npm builds native parts for a given Node.js. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** Where a person's npm has its settings: a registry of their own, certificates. Another Node.js looks elsewhere for them. */
const SETTINGS = /^npm_config_(?:globalconfig|userconfig)$/i;

/**
 * The environment for an npm that builds native parts for the Node.js given. An npm script hands on variables that
 * speak of its own npm and Node.js: code-server's installer reads `npm_config_user_agent` and refuses another
 * major version. `npm_config_nodedir` names the headers that came with that Node.js, else node-gyp downloads some.
 */
export function nativeBuildEnvironment(
  node: string,
  inherited: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (!/^npm_/i.test(name) || SETTINGS.test(name)) env[name] = value;
  }
  const headers = headersFolder(node);
  if (headers !== undefined) env.npm_config_nodedir = headers;
  return { ...env, PATH: pathWithNode(node, inherited.PATH) };
}

/** The folder with `include/node` of a Node.js: of a plain installation, or of the npm package `node`. */
function headersFolder(node: string): string | undefined {
  const home = dirname(dirname(realpathSync(node)));
  const platformPackage = `node-${process.platform}-${process.arch}`;
  return [home, join(home, "node_modules", platformPackage), join(dirname(home), platformPackage)].find(
    (folder) => existsSync(join(folder, "include", "node", "node.h")),
  );
}

/** PATH with the folder of that Node.js in front. */
export function pathWithNode(node: string, path = process.env.PATH): string {
  return `${dirname(node)}${delimiter}${path ?? ""}`;
}
