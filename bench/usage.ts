/** Lets the parent process ask what this one has used. Loaded ahead of the gateway, which knows nothing of it. */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

export interface ProcessUsage {
  /** Microseconds of CPU of all threads, user and system. */
  readonly cpu: number;
  /** Bytes of memory, and those of them that no file backs. */
  readonly rss: number;
  readonly anonymous: number;
  /** Milliseconds by which the main thread's timers were late since it was told `delay`: the 99th percentile. */
  readonly delay: number;
}

/** Unit: bytes. 0 where the system does not tell. */
function anonymousBytes(): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

if (isMainThread && process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  process.on("message", (message) => {
    // A timer each millisecond would be in the way of all other figures.
    if (message === "delay") delay.enable();
    if (message !== "usage") return;
    const { user, system } = process.cpuUsage();
    const usage: ProcessUsage = {
      cpu: user + system,
      rss: process.memoryUsage.rss(),
      anonymous: anonymousBytes(),
      delay: delay.percentile(99) / 1e6,
    };
    process.send?.({ usage });
  });
  // The channel alone keeps nothing alive that wants to end.
  process.channel?.unref();
}
