/** `portico route MODEL`: where a request for a model would go, and why. Sends the model nothing. */

import { join } from "node:path";
import type { RouteView } from "../control/accounts.ts";
import { openDataFolder } from "../gateway/common/dataFolder.ts";
import { createLog, createRedactor } from "../gateway/common/log.ts";
import { systemClock } from "../gateway/common/ports.ts";
import { networkFromEnvironment } from "../gateway/config/network.ts";
import { createSecretsFile } from "../gateway/config/secretsFile.ts";
import { createGateway } from "../gateway/gateway.ts";
import { createStateFile } from "../gateway/state/stateFile.ts";
import type { RouteArguments } from "./command.ts";
import { connectGateway } from "./connect.ts";
import { foldersOf } from "./folders.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain } from "./screen.ts";
import { readSettings } from "./settings.ts";
import { using } from "./using.ts";

interface Explained {
  readonly routing: readonly string[];
  readonly scheduling: readonly string[];
  readonly chosen?: RouteView["chosen"];
}

/** @returns 0 where an account would get the request now, else 1. @throws ConfigError */
export async function showRoute(args: RouteArguments, console: Console): Promise<ExitCode> {
  const found = await explainRoute(args, console);
  if (args.json) json(console, found);
  else console.out.line([...found.routing, "", ...found.scheduling].map(plain).join("\n").trimEnd());
  return found.chosen === undefined ? 1 : 0;
}

/**
 * Without a config file the gateway that runs is asked, or the data folder; with one, a
 * gateway is made of it. Model lists are read from the providers, since they decide who serves what; what a
 * running gateway knows of the accounts is taken from the data folder, and left as it is.
 * @throws ConfigError
 */
async function explainRoute(args: RouteArguments, console: Console): Promise<Explained> {
  const { model, protocol, config } = args;
  if (config === undefined) {
    const asked = await using(connectGateway(steering(console, args)), async (steered) =>
      steered?.call("route.explain", { model, protocol }),
    );
    if (asked !== undefined) return asked;
  }
  return explainByFile(args, console);
}

async function explainByFile(
  { model, protocol, config, dataDir }: RouteArguments,
  { env, err }: Console,
): Promise<Explained> {
  const write = (text: string) => err.line(text.trimEnd());
  const { settings, secrets } = await readSettings({ config, port: undefined, host: undefined }, env);
  const { redact, add } = createRedactor();
  add(secrets);
  const log = createLog({ level: "warn", write, now: Date.now, redactor: { redact } });
  const folder = await openDataFolder(foldersOf(dataDir, env).data);
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
    return await gateway.explain(model, protocol);
  } finally {
    await gateway.stop(0);
  }
}
