/** The commands that ask a Portico that runs, or steer it, which are loaded together: most of what they need is the same. */
export { showApiKey } from "./apiKey.ts";
export { showDashboard } from "./dashboard.ts";
export { showLogs } from "./logs.ts";
export { showRoute } from "./route.ts";
export { showStats } from "./stats.ts";
export { showStatus } from "./status.ts";
export { steerProxy } from "./steerProxy.ts";
