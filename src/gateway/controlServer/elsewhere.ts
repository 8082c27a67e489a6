/** The dashboard of another Portico of this person's: of another editor, or of the command line. */
import { join } from "node:path";
import { readAddress } from "./address.ts";
import { connectControl } from "./client.ts";
import type { DashboardLink } from "./dashboard/dashboard.ts";
import { discover } from "./discovery.ts";

/** Milliseconds; a person waits for the answer. */
const WAIT_MS = 5000;

/**
 * A link to the dashboard of whichever Portico has this port. Only this user's can be asked: the way to one is in
 * its data folder.
 * @returns `undefined` where none of them has the port, answers and has a dashboard
 */
export async function dashboardElsewhere(
  runtimeDir: string | undefined,
  port: number,
  inFile: boolean,
): Promise<DashboardLink | undefined> {
  for (const { dataDir } of runtimeDir === undefined ? [] : await discover(runtimeDir)) {
    // One that has just ended, or that does not answer, is none to be opened.
    const link = await askFor(dataDir, port, inFile).catch(() => undefined);
    if (link !== undefined) return link;
  }
  return undefined;
}

async function askFor(dataDir: string, port: number, inFile: boolean): Promise<DashboardLink | undefined> {
  const address = await readAddress(join(dataDir, "gateway.json"));
  if (address === undefined) return undefined;
  const client = await connectControl(address, { timeoutMs: WAIT_MS });
  try {
    const { proxy } = await client.call("status.get", undefined, { timeoutMs: WAIT_MS });
    if (proxy.kind !== "running" || proxy.port !== port) return undefined;
    const { url, file } = await client.call("dashboard.link", inFile ? { file: true } : undefined, {
      timeoutMs: WAIT_MS,
    });
    return file === undefined ? { url } : { url, file };
  } finally {
    client.close();
  }
}
