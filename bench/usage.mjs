// Lets the parent process ask what this one has used. Loaded ahead of the gateway, which knows nothing of it; no
// TypeScript, for what strips its types would be in the memory that is measured.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** Unit: bytes. 0 where the system does not tell. */
function anonymousBytes() {
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
    const usage = {
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
