/** A quiet gateway on the data folder, for a command while nobody else leads it. */

import { join } from "node:path";
import { t } from "@vscode/l10n";
import { folderLock } from "../gateway/accounts/credentials/lock.ts";
import { watchedSecrets } from "../gateway/accounts/credentials/store.ts";
import { createLog, createRedactor } from "../gateway/common/log.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { VERSION } from "../gateway/common/version.ts";
import { networkFromEnvironment } from "../gateway/config/network.ts";
import { createSecretsFile } from "../gateway/config/secretsFile.ts";
import { leaderDependencies } from "../gateway/leader/dependencies.ts";
import { startLeader } from "../gateway/leader/leader.ts";
import { acquireFolder } from "./acquireFolder.ts";
import { foldersOf } from "./folders.ts";
import { CALL_MS, type ConnectOptions, type Session } from "./session.ts";
import { readSettings, split } from "./settings.ts";

/** The data folder is made where there is none. @throws ConfigError */
export async function openLocalSession(options: ConnectOptions): Promise<Session> {
  const { env, write, config } = options;
  const loaded =
    config === undefined ? undefined : await readSettings({ config, port: undefined, host: undefined }, env);
  const { data } = foldersOf(options.dataDir, env);
  const { folder, leadership } = await acquireFolder(data);
  if (leadership === undefined) {
    throw new Error(t("A Portico is just starting or ending. Try again in a moment."));
  }
  try {
    const redactor = createRedactor();
    if (loaded !== undefined) redactor.add(loaded.secrets);
    const log = createLog({ level: "warn", write, now: Date.now, redactor });
    const lock = folderLock(folder.locks);
    const secretsPath = join(folder.path, "secrets.json");
    const led = await startLeader({
      folder,
      version: VERSION,
      kind: "headless",
      ...(loaded === undefined ? { window: {} } : split(loaded, config)),
      autoStart: "never",
      secretsFailure: `${secretsPath} cannot be read, so keys are missing. Repair it, or move it away to start anew.`,
      ports: {
        log,
        secrets: watchedSecrets(createSecretsFile(secretsPath, lock), redactor.add),
        network: networkFromEnvironment(env).network,
        clock: systemClock,
        random: Math.random,
        lock,
      },
      parts: leaderDependencies,
      redact: redactor.redact,
      secrets: redactor.secrets,
      onEvent: () => {},
    });
    return {
      running: undefined,
      dataDir: data,
      call: (method, params, timeoutMs = CALL_MS) => led.call(method, params, AbortSignal.timeout(timeoutMs)),
      async [Symbol.asyncDispose]() {
        await led.close(0);
        leadership.release();
      },
    };
  } catch (error) {
    leadership.release();
    throw error;
  }
}
