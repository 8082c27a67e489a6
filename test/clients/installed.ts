/** Which agents can run on this computer. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Agent } from "./agents/agent.ts";

/** Holds `node_modules` with the agents; `npm run test:clients` installs them. */
export const INSTALLED =
  process.env.PORTICO_TEST_CLIENTS ||
  join(process.env.PORTICO_CACHE || join(homedir(), ".cache", "portico"), "clients");

/** A vendor may have no program for this platform. */
export const isMissing = ({ program }: Agent): boolean =>
  !existsSync(join(INSTALLED, "node_modules", ...program));

/** What a test is called: says why it is skipped, where it is. */
export const title = (agent: Agent): string =>
  isMissing(agent) ? `${agent.name} (has no program for ${process.platform} ${process.arch})` : agent.name;
