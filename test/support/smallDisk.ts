/** A disk with hardly any room. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ThreadData } from "../../src/gateway/records/wire.ts";
import { makeFolder, removeFolder } from "./folder.ts";

export interface SmallDisk {
  readonly folder: string;
  /** Absent where the disk really is small; else the thread that believes it is. */
  readonly start?: (data: ThreadData) => Worker;
  /** There is room again. */
  enlarge(): void;
  end(): Promise<void>;
}

/** A file system in memory of that size where we may mount one; else a database that may not grow. */
export function smallDisk(kilobytes: number): SmallDisk {
  const folder = makeFolder("small");
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const mount = (...options: string[]): void => {
    execFileSync("mount", ["-t", "tmpfs", ...options, "tmpfs", disk], { stdio: "ignore" });
  };
  try {
    mount("-o", `size=${kilobytes}k`);
  } catch {
    return pretended(folder, disk, kilobytes);
  }
  return {
    folder: disk,
    enlarge: () => mount("-o", "remount,size=64m"),
    async end() {
      execFileSync("umount", [disk]);
      await removeFolder(folder);
    },
  };
}

function pretended(folder: string, disk: string, kilobytes: number): SmallDisk {
  const pages = new Int32Array(new SharedArrayBuffer(4));
  pages[0] = Math.floor(kilobytes / 4);
  return {
    folder: disk,
    start: (data) =>
      new Worker(new URL("smallDiskWorker.ts", import.meta.url), { workerData: { ...data, pages } }),
    enlarge() {
      Atomics.store(pages, 0, 16_384);
    },
    end: () => removeFolder(folder),
  };
}
