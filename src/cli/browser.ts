/** The person's browser. */
import { spawn } from "node:child_process";

/** The program that hands an address to the person's browser, without a shell in between. */
export function browserCommand(platform: NodeJS.Platform, url: string): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}

/** @returns whether the program could be started */
export function openInBrowser(url: string): Promise<boolean> {
  const [program, ...args] = browserCommand(process.platform, url);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
