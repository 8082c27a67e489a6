/** `portico connect --outdated`: connected clients follow a change of port or key. */

import { t } from "@vscode/l10n";
import type { Connections } from "../gateway/clients/connections.ts";
import { openConnections, systemHost } from "../gateway/clients/connections.ts";
import type { Address } from "../gateway/clients/outdated.ts";
import type { RunnableClient } from "../gateway/clients/table/client.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { agreed } from "./agreed.ts";
import { showChange } from "./clientChange.ts";
import { runningAddress } from "./clientTarget.ts";
import type { UpdateArguments } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { type Console, type ExitCode, steering } from "./output.ts";
import { using } from "./using.ts";

export async function updateClients(args: UpdateArguments, console: Console): Promise<ExitCode> {
  return using(connectRunning(steering(console, args)), async (session): Promise<ExitCode> => {
    const here = session && (await runningAddress(session));
    if (session === undefined || here === undefined) {
      throw new Error(t("Portico does not run, so nobody knows its address. Start it first."));
    }
    const connections = openConnections({ host: systemHost(console.env), clock: systemClock });
    const outdated = (await connections.written(here)).filter((each) => each.outdated !== undefined);
    if (outdated.length === 0) {
      console.out.line(t("Nothing to do: no client is connected to an address or with a key from before."));
      return 0;
    }
    if (!(await updateAll(outdated, connections, here, args.yes, console))) return 1;
    // It says of itself what is outdated: no longer.
    await session.call("clients.list", undefined);
    return 0;
  });
}

/** Shows what changes, asks once, and writes it. @returns whether it was agreed to */
export async function updateAll(
  clients: readonly Pick<RunnableClient, "id" | "label">[],
  connections: Connections,
  here: Address,
  yes: boolean,
  console: Console,
): Promise<boolean> {
  const changes = await Promise.all(
    clients.map(async (client) => ({ client, change: await connections.planUpdate(client.id, here) })),
  );
  for (const { change } of changes) showChange(change, console);
  const names = clients.map(({ label }) => label).join(", ");
  if (!(await agreed(t("Bring {0} to {1}?", names, here.baseUrl), yes, console))) return false;
  for (const { client, change } of changes) {
    await connections.update(client.id, here, change);
    console.out.line(t("{0} is connected to {1}.", client.label, here.baseUrl));
  }
  return true;
}
