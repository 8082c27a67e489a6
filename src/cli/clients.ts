/** `portico clients`. */
import type { ClientState } from "../control/clients.ts";
import { openConnections, systemHost } from "../gateway/clients/connections.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { runningAddress } from "./clientTarget.ts";
import type { AskArguments } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain, type Screen } from "./screen.ts";
import { type Cell, table } from "./table.ts";
import { using } from "./using.ts";

export async function listClients(args: AskArguments, console: Console): Promise<ExitCode> {
  // Of one that does not run, nobody knows where it would be.
  const here = await using(
    connectRunning(steering(console, { dataDir: args.dataDir, config: undefined })),
    async (session) => session && runningAddress(session),
  );
  const clients = await openConnections({ host: systemHost(console.env), clock: systemClock }).list(here);
  if (args.json) {
    json(console, clients);
    return 0;
  }
  for (const line of clientLines(clients, here?.baseUrl, console.out)) console.out.line(line);
  return 0;
}

/** @param here the running gateway's address */
export function clientLines(
  clients: readonly ClientState[],
  here: string | undefined,
  screen: Screen,
): string[] {
  const rows = clients.map(({ id, label, found, version, ...state }): Cell[] => [
    id,
    label,
    found ? (version ?? "found") : { text: "not found", style: "dim" },
    stateCell(state, here),
    state.model ?? "",
  ]);
  const columns = [
    { head: "CLIENT" },
    { head: "NAME" },
    { head: "VERSION" },
    { head: "CONNECTED TO", min: 20 },
    { head: "MODEL", min: 10 },
  ];
  const notes = clients.flatMap(({ id, found, problem, beatenBy }) =>
    found
      ? [...(problem === undefined ? [] : [problem]), ...beatenBy].map((text) => `  ${id}: ${plain(text)}`)
      : [],
  );
  const isOutdated = clients.some(({ outdated }) => outdated !== undefined);
  const how = [
    "",
    isOutdated
      ? `Bring the outdated up to date: ${screen.program} connect --outdated`
      : `Connect one: ${screen.program} connect CLIENT`,
  ];
  return [...table(screen, columns, rows), ...(notes.length > 0 ? ["", ...notes] : []), ...how];
}

type State = Pick<ClientState, "baseUrl" | "connected" | "problem" | "outdated">;

function stateCell({ baseUrl, connected, problem, outdated }: State, here: string | undefined): Cell {
  if (problem !== undefined) return { text: "unreadable", style: "red" };
  if (baseUrl === undefined) return { text: "its own provider", style: "dim" };
  if (outdated === "key") return { text: `Portico, ${baseUrl}, with an old key`, style: "yellow" };
  if (outdated !== undefined) return { text: `${baseUrl}, where Portico is no longer`, style: "yellow" };
  if (!connected && baseUrl !== here) return baseUrl;
  const elsewhere = here !== undefined && baseUrl !== here;
  return { text: `Portico, ${baseUrl}`, style: elsewhere ? "yellow" : "green" };
}
