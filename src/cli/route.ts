/** `portico route MODEL`: where a request for a model would go, and why. Sends the model nothing. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { dataDirectory } from "../gateway/config/dataDir.ts";
import type { Environment } from "../gateway/config/load.ts";
import { networkFromEnvironment } from "../gateway/config/network.ts";
import { createSecretsFile } from "../gateway/config/secretsFile.ts";
import { openDataFolder } from "../gateway/dataFolder.ts";
import { createGateway } from "../gateway/gateway.ts";
import { createLog, createRedactor } from "../gateway/log.ts";
import { systemClock } from "../gateway/ports.ts";
import { createStateFile } from "../gateway/state/stateFile.ts";
import type { RouteArguments } from "./arguments.ts";
import { readSettings } from "./settings.ts";

/**
 * Lines for a person. Model lists are read from the providers, since they decide who serves what;
 * what a running gateway knows of the accounts is taken from the data folder, and left as it is.
 * @throws ConfigError
 */
export async function explainRoute(
  { model, protocol, config, dataDir }: RouteArguments,
  env: Environment,
  write: (line: string) => void,
): Promise<string[]> {
  const { settings } = await readSettings({ config, port: undefined, host: undefined }, env);
  const { redact } = createRedactor();
  const log = createLog({ level: "warn", write, now: Date.now, redactor: { redact } });
  const path =
    dataDir === undefined
      ? dataDirectory({ platform: process.platform, env, home: homedir() })
      : resolve(dataDir);
  const folder = await openDataFolder(path);
  const file = createStateFile(folder.state, { log, clock: systemClock, redact });
  const gateway = createGateway(
    settings,
    {
      log,
      secrets: createSecretsFile(join(folder.path, "secrets.json")),
      network: networkFromEnvironment(env).network,
      clock: systemClock,
      random: Math.random,
    },
    { state: { load: () => file.load(), save: () => Promise.resolve() } },
  );
  try {
    const { routing, scheduling } = await gateway.explain(model, protocol);
    return [...routing, "", ...scheduling];
  } finally {
    await gateway.stop(0);
  }
}
