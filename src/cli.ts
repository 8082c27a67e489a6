/** `portico serve`: the gateway without VS Code. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigError, HELP, parseCommand, type ServeArguments, UsageError } from "./cli/arguments.ts";
import { explainRoute } from "./cli/route.ts";
import { listenOn, override, readSettings } from "./cli/settings.ts";
import { onSignals, stopHandler } from "./cli/signals.ts";
import { offer, welcome } from "./cli/welcome.ts";
import type { ProxyState } from "./control/contract.ts";
import { folderLock } from "./gateway/accounts/credentials/lock.ts";
import { watchedSecrets } from "./gateway/accounts/credentials/store.ts";
import { detectLocal } from "./gateway/accounts/local.ts";
import { resolveApiKey } from "./gateway/config/apiKey.ts";
import { dataDirectory } from "./gateway/config/dataDir.ts";
import { formatProblems, secretsOf } from "./gateway/config/load.ts";
import { networkFromEnvironment } from "./gateway/config/network.ts";
import { createSecretsFile } from "./gateway/config/secretsFile.ts";
import { type ConfigWatcher, watchConfig } from "./gateway/config/watch.ts";
import { openDataFolder } from "./gateway/dataFolder.ts";
import { createGateway, type Gateway } from "./gateway/gateway.ts";
import { createLog, createRedactor } from "./gateway/log.ts";
import { type Log, type Ports, systemClock } from "./gateway/ports.ts";
import type { Settings } from "./gateway/settings.ts";
import { createProofsFile } from "./gateway/state/proofsFile.ts";
import { createResponsesFile } from "./gateway/state/responsesFile.ts";
import { createStateFile } from "./gateway/state/stateFile.ts";
import { VERSION } from "./gateway/version.ts";

/** Milliseconds that running requests get to end after the first signal. */
const DRAIN_MS = 30_000;

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.kind === "help") process.stdout.write(HELP);
  else if (command.kind === "version") process.stdout.write(`${VERSION}\n`);
  else if (command.kind === "route") {
    const lines = await explainRoute(command, process.env, (line) => process.stderr.write(line));
    process.stdout.write(`${lines.join("\n").trimEnd()}\n`);
  } else await serve(command);
}

async function serve(args: ServeArguments): Promise<void> {
  const env = process.env;
  const loaded = await readSettings(args, env);
  const redactor = createRedactor();
  const write = (line: string) => process.stderr.write(line);
  const log = createLog({ level: args.logLevel, write, now: Date.now, redactor });

  const dataPath =
    args.dataDir === undefined
      ? dataDirectory({ platform: process.platform, env, home: homedir() })
      : resolve(args.dataDir);
  const folder = await openDataFolder(dataPath);
  const secretsPath = join(folder.path, "secrets.json");
  const lock = folderLock(folder.locks);
  const secrets = watchedSecrets(createSecretsFile(secretsPath, lock), redactor.add);
  const outside = networkFromEnvironment(env);
  redactor.add(outside.secrets);
  for (const warning of outside.warnings) log.warn(warning);

  /** The key is made where the settings have none; from here on the log knows every secret. */
  async function complete(settings: Settings) {
    const apiKey = await resolveApiKey(settings.auth.apiKey, secrets);
    const whole = { ...settings, auth: { ...settings.auth, apiKey } };
    redactor.add(secretsOf(whole));
    return whole;
  }

  const settings = await complete(loaded.settings);
  const ports: Ports = {
    log,
    secrets,
    network: outside.network,
    clock: systemClock,
    random: Math.random,
    lock,
  };
  const gateway = createGateway(settings, ports, {
    ...listenOn(args),
    state: createStateFile(folder.state, { log, clock: systemClock, redact: redactor.redact }),
    proofs: createProofsFile(folder.proofs, { log, clock: systemClock }),
    responses: createResponsesFile(folder.responses, { log, clock: systemClock }),
  });
  let watcher: ConfigWatcher | undefined;
  stopOnSignals(gateway, log, () => watcher?.close());

  const state = await gateway.start();
  if (state.kind !== "running") return giveUp(state, log);
  process.stdout.write(`Portico ${VERSION} listening on ${state.baseUrl}\n`);

  const generated = loaded.settings.auth.apiKey === undefined;
  const key = generated
    ? process.stderr.isTTY
      ? settings.auth.apiKey
      : `see ${secretsPath}`
    : `see ${args.config}`;
  const { baseUrl } = state;
  const { config } = args;
  write(
    `${welcome({ version: VERSION, baseUrl, settings, config, key, platform: process.platform }).join("\n")}\n`,
  );
  if (config !== undefined && loaded.text !== undefined) watcher = follow(config, loaded.text);
  await offerLocalServers(settings, log, write);

  function follow(file: string, text: string): ConfigWatcher {
    const kept = "the settings in force are kept";
    return watchConfig({
      file: resolve(file),
      text,
      env,
      clock: systemClock,
      async onValid(changed) {
        try {
          const after = await gateway.apply(await complete(override(changed, args)));
          if (after.kind === "failed") log.error(after.message, { file });
          else log.info("the changed config file is in force", { file, url: urlOf(after) });
        } catch (error) {
          log.error(`the changed config file could not be applied; ${kept}: ${messageOf(error)}`, { file });
        }
      },
      onInvalid(problems) {
        log.error(`the changed config file does not hold; ${kept}`, { file });
        for (const line of formatProblems(file, problems)) log.error(line);
      },
      onUnreadable(reason) {
        log.warn(`the config file cannot be read; ${kept}: ${reason}`, { file });
      },
    });
  }
}

function stopOnSignals(gateway: Gateway, log: Log, beforeStop: () => void): void {
  const handler = stopHandler({
    wrapped: process.env.PORTICO_WRAPPED === "1",
    now: Date.now,
    onStop(signal) {
      const { active } = gateway;
      const wait = active === 0 ? "" : `; waiting for ${active} running, the same again stops at once`;
      log.info(`stopping on ${signal}${wait}`);
      beforeStop();
      gateway.stop(DRAIN_MS).then(
        () => exit(0),
        (error: unknown) => {
          log.error(`could not stop: ${messageOf(error)}`);
          exit(1);
        },
      );
    },
    onKill: (code) => process.exit(code),
  });
  onSignals(handler);
}

function giveUp(state: ProxyState, log: Log): void {
  if (state.kind === "failed") {
    const by =
      state.holder === undefined || state.message.includes(state.holder) ? "" : ` (by ${state.holder})`;
    log.error(`${state.message}${by}`);
    if (state.reason !== "other") {
      log.error('Choose another port with --port N (0 picks a free one) or "port" in the config file.');
    }
  }
  exit(1);
}

/** Ollama and LM Studio on their default ports, while they are no accounts. */
async function offerLocalServers(settings: Settings, log: Log, write: (line: string) => void): Promise<void> {
  try {
    const providers = new Set<string>(settings.accounts.map((account) => account.provider));
    const known = new Set(settings.accounts.flatMap(({ endpoints }) => Object.values(endpoints ?? {})));
    for (const server of await detectLocal({ known })) {
      if (!providers.has(server.provider)) write(`${offer(server).join("\n")}\n`);
    }
  } catch (error) {
    log.debug(`looking for model servers on this computer failed: ${messageOf(error)}`);
  }
}

function urlOf(state: ProxyState): string | undefined {
  return state.kind === "running" ? state.baseUrl : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Standard error is written first: on Windows it is asynchronous. */
function exit(code: number): void {
  process.stderr.write("", () => process.exit(code));
}

// Whoever reads our output may go away; requests do not depend on it.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

main().catch((error: unknown) => {
  const misused = error instanceof UsageError;
  const hint = misused && !(error instanceof ConfigError) ? "Try: portico --help\n" : "";
  process.stderr.write(`portico: ${messageOf(error)}\n${hint}`);
  exit(misused ? 2 : 1);
});
