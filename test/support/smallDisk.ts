/** A disk with hardly any room. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
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
  /** No room is left, for a database or any file. @returns what frees it; absent where it is only pretended */
  readonly fill?: () => () => void;
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
    fill() {
      const ballast = join(disk, "ballast");
      const file = openSync(ballast, "w");
      try {
        for (;;) writeSync(file, Buffer.alloc(4096));
      } catch (error) {
        if (Reflect.get(Object(error), "code") !== "ENOSPC") throw error;
      } finally {
        closeSync(file);
      }
      return () => rmSync(ballast);
    },
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
