/**
 * Proxy scripts (PAC): found, to say that they are not run. In a variable or VS Code's setting, and where
 * the operating system keeps the person's choice.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Whether what should be a proxy's address is a script's. */
export function isPac(value: string): boolean {
  const text = value.trim();
  return (
    /^pac\+|^data:[^,]*x-ns-proxy-autoconfig/i.test(text) ||
    /[^?#]*\.pac(?:[?#]|$)|\/wpad\.dat(?:[?#]|$)/i.test(text)
  );
}

/** What asks the system; given in by tests. */
export interface SystemSources {
  readonly platform: NodeJS.Platform;
  /** @returns what the program printed; `undefined`: there is none, or it failed */
  run(program: string, args: readonly string[]): Promise<string | undefined>;
  /** @param path below the person's home */
  read(path: string): Promise<string | undefined>;
}

/** Milliseconds that the system's own programs get. */
const RUN_MS = 2000;

const realSources: SystemSources = {
  platform: process.platform,
  run: (program, args) =>
    new Promise((resolve) => {
      execFile(program, args, { timeout: RUN_MS, windowsHide: true, maxBuffer: 64 * 1024 }, (error, stdout) =>
        resolve(error === null ? stdout : undefined),
      );
    }),
  read: (path) => readFile(join(homedir(), path), "utf8").catch(() => undefined),
};

/** Where the system is told to use a script, for a person; `undefined`: nowhere that can be seen from here. */
export async function systemPac(sources = realSources): Promise<string | undefined> {
  const { platform, run, read } = sources;
  if (platform === "darwin") {
    const said = (await run("scutil", ["--proxy"])) ?? "";
    return /ProxyAuto(?:ConfigEnable|DiscoveryEnable)\s*:\s*1\b/.test(said) ? "macOS" : undefined;
  }
  if (platform === "win32") {
    const key = "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";
    const said = (await run("reg", ["query", key, "/v", "AutoConfigURL"])) ?? "";
    return /AutoConfigURL\s+REG_\w+\s+\S/.test(said) ? "Windows" : undefined;
  }
  const [gnome, kde] = await Promise.all([
    run("gsettings", ["get", "org.gnome.system.proxy", "mode"]),
    read(".config/kioslaverc"),
  ]);
  if (/^'auto'/.test(gnome ?? "")) return "GNOME";
  // 2: a script's address; 3: found by itself.
  return /^ProxyType=[23]\s*$/m.test(kde ?? "") ? "KDE" : undefined;
}

/** @param where the variable, setting or system that asks for a script */
export function pacProblem(where: string, kind: "vscode" | "headless"): string {
  const instead =
    kind === "vscode"
      ? 'set "http.proxy" in VS Code\'s settings to the proxy itself, as http://host:port'
      : "set HTTPS_PROXY to the proxy itself, as http://host:port, and start Portico again";
  return `${where} asks for a proxy script (PAC). Portico does not run such scripts and reaches providers directly. If they cannot be reached so, ${instead}.`;
}
