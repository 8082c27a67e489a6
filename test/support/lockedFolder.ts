/** A folder in which nobody can write, not even root. */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";

/** Files that are in it can still be read, and written in place. @returns what ends it */
export function lockFolder(path: string): () => void {
  const chattr = (how: string): boolean => {
    try {
      execFileSync("chattr", [how, path], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  if (process.getuid?.() === 0) {
    if (!chattr("+i")) {
      // The same folder once more, over itself, so that what is in it stays.
      execFileSync("mount", ["--bind", path, path]);
      execFileSync("mount", ["-o", "remount,bind,ro", path]);
    }
    return () => {
      if (!chattr("-i")) execFileSync("umount", [path]);
    };
  }
  chmodSync(path, 0o500);
  return () => chmodSync(path, 0o700);
}
