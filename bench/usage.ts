/** Lets the parent process ask what this one has used. */
export interface ProcessUsage {
  /** Microseconds of CPU, user and system. */
  cpu: number;
  /** Bytes. */
  rss: number;
}

export function reportUsage(): void {
  process.on("message", (message) => {
    if (message !== "usage") return;
    const { user, system } = process.cpuUsage();
    const usage: ProcessUsage = { cpu: user + system, rss: process.memoryUsage.rss() };
    process.send?.({ usage });
  });
}
