/**
 * Connected clients, when the extension was uninstalled: each gets its own settings back, as by `portico disconnect`,
 * unless somebody on this computer still has Portico. What was done is said in a file beside the records.
 */

import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import * as z from "zod";
import { type Connections, openConnections, systemHost } from "../gateway/clients/connections.ts";
import { aPorticoAnswers } from "../gateway/clients/outdated.ts";
import { hasRecords, recordsFolder } from "../gateway/clients/records.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { parseJson } from "../gateway/common/json.ts";
import { isLed } from "../gateway/common/leaderLock.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { runtimeDirectory } from "../gateway/config/dataDir.ts";
import { discover } from "../gateway/controlServer/discovery.ts";

/** Beside the records. */
export const LOG_FILE = "uninstall.log";
/** Milliseconds: VS Code ends the script after five seconds. */
const LOCK_MS = 1500;
const BEGIN_MS = 3500;
/** Folders of a home folder that are looked into for editors. */
const MOST_EDITORS = 300;

const EXTENSION = /^portico-gateway\.portico-\d/;
/** What an editor's folder of extensions will lose at the next start: `{"NAME-VERSION": true}`. */
const obsoleteSchema = z.record(z.string(), z.boolean());

/**
 * Never rejects, and writes nothing where no client is connected.
 * @param extension the folder of the extension that was uninstalled
 */
export async function restoreClients(env: NodeJS.ProcessEnv, extension: string): Promise<void> {
  const host = systemHost(env);
  const lines: string[] = [];
  try {
    if (!(await hasRecords(host))) return;
    lines.push(`${new Date().toISOString()} The extension Portico was uninstalled from ${extension}.`);
    const others = [
      ...(await runningHere(runtimeDirectory(host))),
      ...(await otherEditors(host.home, resolve(extension, ".."))),
    ];
    if (others.length === 0) {
      await restoreAll(openConnections({ host, clock: systemClock, lockMs: LOCK_MS }), lines);
      lines.push(
        "A Portico that is not running and was not installed as an extension in a usual place cannot be known: its clients are connected again by portico connect NAME.",
      );
    } else {
      lines.push(
        "Connected clients were left as they are, because this user still has Portico elsewhere:",
        ...others.map((each) => `- ${each}`),
        "To put them back: the page Connect there, or portico disconnect NAME.",
      );
    }
  } catch (error) {
    lines.push(`What is left was left as it is: ${messageOf(error)}`);
  }
  const log = join(recordsFolder(host), LOG_FILE);
  // Whoever cannot be told there cannot be told at all.
  await writeFile(log, `${lines.join("\n")}\n`, { mode: 0o600 }).catch(() => {});
}

async function restoreAll(connections: Connections, lines: string[]): Promise<void> {
  const begin = AbortSignal.timeout(BEGIN_MS);
  const clients = await connections.written();
  const answered = await Promise.all(
    clients.map(async ({ baseUrl }) => baseUrl !== undefined && (await aPorticoAnswers(baseUrl))),
  );
  for (const [at, { id, label, baseUrl }] of clients.entries()) {
    if (answered[at]) {
      lines.push(`${label}: left as it is, because a Portico answers at ${baseUrl}.`);
    } else if (begin.aborted) {
      lines.push(`${label}: left as it is, because there was no time. Its record is ${id}.json.`);
    } else lines.push(...(await restored(id, label, connections)));
  }
}

async function restored(id: string, label: string, connections: Connections): Promise<string[]> {
  try {
    const change = await connections.planDisconnect(id);
    await connections.disconnect(id, change);
    return [
      ...change.files.map(({ path, before, after }) =>
        before === after
          ? `${label}: ${path} has nothing of Portico's.`
          : after === undefined
            ? `${label}: ${path} was removed: it was not there before.`
            : `${label}: ${path} was put back.`,
      ),
      ...change.left.map((name) => `${label}: ${name} was changed since and stays as it is.`),
      ...change.dropped.map(
        (name) => `${label}: ${name} was not put back: another address stands beside it now.`,
      ),
    ];
  } catch (error) {
    return [`${label}: not put back. ${messageOf(error)} Its record stays: ${id}.json.`];
  }
}

/** Gateways of this user, whoever started them. */
async function runningHere(runtime: string): Promise<string[]> {
  const running = await discover(runtime);
  return running
    .filter(({ dataDir }) => isLed(join(dataDir, "leader.db")))
    .map(({ dataDir, pid }) => `running with the data folder ${dataDir} (pid ${pid})`);
}

/**
 * Editors made from VS Code keep their extensions in `~/.NAME/extensions` (`dataFolderName` of their product.json),
 * code-server in `~/.local/share/code-server/extensions`.
 * @param own where VS Code itself says that none is left
 */
async function otherEditors(home: string, own: string): Promise<string[]> {
  const names = (await readdir(home)).filter((name) => name.startsWith(".")).slice(0, MOST_EDITORS);
  const folders = [...names.map((name) => join(home, name)), join(home, ".local", "share", "code-server")]
    .map((folder) => join(folder, "extensions"))
    .filter((folder) => existsSync(folder) && relative(own, folder) !== "");
  const found = await Promise.all(folders.map(installedIn));
  return found.flat().map((folder) => `installed in ${folder}`);
}

async function installedIn(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => EXTENSION.test(name));
    if (names.length === 0) return [];
    // Mostly there is none.
    const text = await readFile(join(folder, ".obsolete"), "utf8").catch(() => "");
    const obsolete = obsoleteSchema.safeParse(parseJson(text)).data ?? {};
    return names.map((name) => join(folder, name)).filter((path) => obsolete[basename(path)] !== true);
  } catch {
    // A file of that name, or a folder that is not ours to read.
    return [];
  }
}
