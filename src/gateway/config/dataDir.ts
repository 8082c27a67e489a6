/** Where the data folder is when no VS Code gives us one (`dataFolder.ts` makes and uses it), and what is kept per user. */
import { posix, win32 } from "node:path";
import type { Environment } from "./load.ts";

export interface Host {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  /** The user's home folder. */
  readonly home: string;
}

/**
 * `PORTICO_DATA_DIR` where set, else the platform's place for an application's data:
 * `$XDG_DATA_HOME/portico` (XDG Base Directory Specification: a relative path there is ignored),
 * `~/Library/Application Support/Portico` or `%LOCALAPPDATA%\Portico`.
 */
export function dataDirectory({ platform, env, home }: Host): string {
  const path = platform === "win32" ? win32 : posix;
  const chosen = env.PORTICO_DATA_DIR;
  if (chosen !== undefined && chosen !== "") return path.resolve(chosen);
  return platformDirectory({ platform, env, home });
}

/**
 * Where running gateways leave word of themselves: `$XDG_RUNTIME_DIR/portico`, which systems empty at
 * the user's last log-out; where there is none, `running` in the platform's data folder, whatever
 * `PORTICO_DATA_DIR` says, so that everyone looks in one place.
 */
export function runtimeDirectory(host: Host): string {
  const path = host.platform === "win32" ? win32 : posix;
  const xdg = host.platform === "win32" ? undefined : host.env.XDG_RUNTIME_DIR;
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, "portico");
  return path.join(platformDirectory(host), "running");
}

/**
 * What belongs to the user rather than to one application or data folder: `$XDG_CONFIG_HOME/portico`,
 * `~/Library/Application Support/Portico` or `%APPDATA%\Portico`.
 */
export const configDirectory = (host: Host): string =>
  ownDirectory(host, ["APPDATA", "AppData", "Roaming"], ["XDG_CONFIG_HOME", ".config"]);

const platformDirectory = (host: Host): string =>
  ownDirectory(host, ["LOCALAPPDATA", "AppData", "Local"], ["XDG_DATA_HOME", ".local", "share"]);

/** A variable, and what stands for it in the home folder. */
type Base = readonly [variable: string, ...below: string[]];

function ownDirectory({ platform, env, home }: Host, windows: Base, others: Base): string {
  if (platform === "darwin") return posix.join(home, "Library", "Application Support", "Portico");
  const isWindows = platform === "win32";
  const path = isWindows ? win32 : posix;
  const [variable, ...below] = isWindows ? windows : others;
  const named = env[variable];
  const chosen = named && (isWindows || path.isAbsolute(named)) ? named : path.join(home, ...below);
  return path.join(chosen, isWindows ? "Portico" : "portico");
}
