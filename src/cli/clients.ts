/** `portico clients`. */
import { t } from "@vscode/l10n";
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
    connectRunning(steering(console, args)),
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
    found ? (version ?? t("found")) : { text: t("not found"), style: "dim" },
    stateCell(state, here),
    state.model ?? "",
  ]);
  const columns = [
    { head: t("CLIENT") },
    { head: t("NAME") },
    { head: t("VERSION") },
    { head: t("CONNECTED TO"), min: 20 },
    { head: t("MODEL"), min: 10 },
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
      ? t("Bring the outdated up to date: {0}", `${screen.program} connect --outdated`)
      : t("Connect one: {0}", `${screen.program} connect CLIENT`),
  ];
  return [...table(screen, columns, rows), ...(notes.length > 0 ? ["", ...notes] : []), ...how];
}

type State = Pick<ClientState, "baseUrl" | "connected" | "problem" | "outdated">;

function stateCell({ baseUrl, connected, problem, outdated }: State, here: string | undefined): Cell {
  if (problem !== undefined) return { text: t("unreadable"), style: "red" };
  if (baseUrl === undefined) return { text: t("its own provider"), style: "dim" };
  if (outdated === "key") return { text: t("Portico, {0}, with an old key", baseUrl), style: "yellow" };
  if (outdated !== undefined) return { text: t("{0}, where Portico is no longer", baseUrl), style: "yellow" };
  if (!connected && baseUrl !== here) return baseUrl;
  const elsewhere = here !== undefined && baseUrl !== here;
  return { text: `Portico, ${baseUrl}`, style: elsewhere ? "yellow" : "green" };
}
