/** What is typed into a terminal so that a client starts on Portico. Pure. */
import type { ClientState } from "../../control/clients.ts";

/** Words that every shell takes as they are. */
const HARMLESS = /^[\w./:@+-]+$/;

/**
 * @param model absent: the client's own choice
 * @returns `undefined`: the model's name would have to be quoted, which each shell does in its own way
 */
export function runLine(client: string, model?: string): string | undefined {
  if (model !== undefined && !HARMLESS.test(model)) return undefined;
  return ["portico", "run", ...(model === undefined ? [] : ["--model", model]), client].join(" ");
}

/** Those that can be started, found ones first, each half in the order of the list. */
export function startable(clients: readonly ClientState[]): ClientState[] {
  const all = clients.filter(
    ({ runs, program, connected }) => runs !== undefined || (connected && program !== undefined),
  );
  return [...all.filter(isInstalled), ...all.filter((each) => !isInstalled(each))];
}

export const isInstalled = ({ program }: ClientState): boolean => program !== undefined;
