/**
 * `portico remove`: what Portico has on this computer, each shown first: settings in tools, keys, data. Not while somebody uses
 * the data folder, who would make it anew.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { t } from "@vscode/l10n";
import type { ClientChange } from "../control/clients.ts";
import { type Connections, openConnections, systemHost } from "../gateway/clients/connections.ts";
import { aPorticoAnswers } from "../gateway/clients/outdated.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { isLed } from "../gateway/common/leaderLock.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { deleteFolder } from "../gateway/worker/deleteFolder.ts";
import { acquireFolder } from "./acquireFolder.ts";
import { agreed } from "./agreed.ts";
import { showChange } from "./clientChange.ts";
import type { RemoveArguments } from "./command.ts";
import { foldersOf, usualConfig } from "./folders.ts";
import { openLocalSession } from "./localSession.ts";
import { type Console, type ExitCode, steering } from "./output.ts";
import { paint, plain } from "./screen.ts";
import { counted } from "./transferAccounts.ts";
import { using } from "./using.ts";

export async function removePortico(args: RemoveArguments, console: Console): Promise<ExitCode> {
  const { out } = console;
  const { data } = foldersOf(args.dataDir, console.env);
  const has = existsSync(data);
  if (has && isLed(join(data, "leader.db"))) throw inUse(data);
  const connections = openConnections({ host: systemHost(console.env), clock: systemClock });
  const warn = (text: string) => out.line(paint(out, "yellow", `! ${plain(text)}`));
  const clients = await planClients(connections, warn);
  if (!has && clients.length === 0) {
    out.line(t("There is nothing of Portico here: {0}", data));
    return 0;
  }
  const session = () => openLocalSession(steering(console, args));
  for (const { change } of clients) showChange(change, console);
  if (clients.length > 0)
    out.line(t("Tools that get their own settings back: {0}.", clients.map(({ label }) => label).join(", ")));
  if (has) {
    const { accounts, rows, keys } = await using(session(), async (held) => ({
      accounts: (await held.call("accounts.list", undefined)).length,
      rows: (await held.call("storage.get", undefined)).requests.rows,
      keys: await held.call("keys.list", undefined),
    }));
    const requests = rows === 1 ? t("1 request") : t("{0} requests", rows);
    out.line(t("Keys that are deleted: Portico's own, and those of {0}.", counted(accounts)));
    const named = keys.filter(({ shown }) => shown !== "").map(({ name }) => plain(name));
    if (named.length > 0) out.line(t("Client keys that nobody can use any more: {0}.", named.join(", ")));
    out.line(t("Data that is deleted: {0} ({1}).", data, requests));
  }
  const config = usualConfig(console.env);
  if (config !== undefined) out.line(t("Your config file stays: {0}", config));
  out.line(t("Providers still know their keys. This cannot be undone."));
  if (!(await agreed(t("Remove this from this computer?"), args.yes, console))) return 1;

  let whole = true;
  if (has) {
    // A sign-in that was made here ends at its provider as well.
    await using(session(), async (held) => {
      const accounts = await held.call("accounts.list", undefined);
      for (const { id, readOnly } of accounts) if (!readOnly) await held.call("accounts.remove", { id });
    }).catch((error: unknown) => warn(messageOf(error)));
  }
  for (const { id, label, change } of clients) {
    try {
      await connections.disconnect(id, change);
      out.line(t("{0} is no longer connected.", label));
    } catch (error) {
      whole = false;
      warn(`${label}: ${messageOf(error)}`);
    }
  }
  if (has) {
    const { folder, leadership } = await acquireFolder(data);
    if (leadership === undefined) throw inUse(data);
    const left = await deleteFolder(folder, () => leadership.release());
    for (const name of left) warn(t("{0} could not be deleted: {1}", name, data));
    if (left.length === 0) out.line(t("Data deleted: {0}.", data));
    else whole = false;
  }
  return whole ? 0 : 1;
}

interface PlannedClient {
  readonly id: string;
  readonly label: string;
  readonly change: ClientChange;
}

/** Those that Portico has written to, but for another Portico's that runs. */
async function planClients(connections: Connections, warn: (text: string) => void): Promise<PlannedClient[]> {
  const planned: PlannedClient[] = [];
  for (const { id, label, baseUrl } of await connections.written()) {
    try {
      if (baseUrl !== undefined && (await aPorticoAnswers(baseUrl)))
        warn(t("{0} stays connected: a Portico answers at {1}.", label, baseUrl));
      else planned.push({ id, label, change: await connections.planDisconnect(id) });
    } catch (error) {
      warn(`${label}: ${messageOf(error)}`);
    }
  }
  return planned;
}

const inUse = (data: string): Error =>
  new Error(
    t(
      "Portico runs with the data folder {0} and would make it anew. Stop portico serve, or close VS Code, first.",
      data,
    ),
  );
