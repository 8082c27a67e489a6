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
export function configDirectory({ platform, env, home }: Host): string {
  const path = platform === "win32" ? win32 : posix;
  if (platform === "win32") {
    const roaming = env.APPDATA;
    return path.join(roaming ? roaming : path.join(home, "AppData", "Roaming"), "Portico");
  }
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "Portico");
  const xdg = env.XDG_CONFIG_HOME;
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, ".config"), "portico");
}

function platformDirectory({ platform, env, home }: Host): string {
  const path = platform === "win32" ? win32 : posix;
  if (platform === "win32") {
    const local = env.LOCALAPPDATA;
    return path.join(local ? local : path.join(home, "AppData", "Local"), "Portico");
  }
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "Portico");
  const xdg = env.XDG_DATA_HOME;
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, ".local", "share"), "portico");
}
