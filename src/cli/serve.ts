/** `portico serve`: leads its data folder, as a VS Code window does, until a signal ends it. */

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { t } from "@vscode/l10n";
import type { Events, ProxyState } from "../control/contract.ts";
import { folderLock } from "../gateway/accounts/credentials/lock.ts";
import { keptSecrets, watchedSecrets } from "../gateway/accounts/credentials/store.ts";
import { codeOf } from "../gateway/common/dataFolder.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { giveBackMemory } from "../gateway/common/idleMemory.ts";
import { tryLead } from "../gateway/common/leaderLock.ts";
import { createLog, createRedactor, type FlushedLog, soon } from "../gateway/common/log.ts";
import { type Log, systemClock } from "../gateway/common/ports.ts";
import { VERSION } from "../gateway/common/version.ts";
import { boundYoungGeneration } from "../gateway/common/youngGeneration.ts";
import { resolveApiKey } from "../gateway/config/apiKey.ts";
import { type Environment, formatProblems } from "../gateway/config/load.ts";
import { networkFromEnvironment } from "../gateway/config/network.ts";
import { systemPac } from "../gateway/config/pac.ts";
import { createSecretsFile } from "../gateway/config/secretsFile.ts";
import { type ConfigWatcher, watchConfig } from "../gateway/config/watch.ts";
import { leaderDependencies } from "../gateway/leader/dependencies.ts";
import { startLeader } from "../gateway/leader/leader.ts";
import type { Leader } from "../gateway/leader/options.ts";
import { findPortHolder } from "../gateway/server/portHolder.ts";
import { acquireFolder } from "./acquireFolder.ts";
import { BoundedOutput } from "./boundedOutput.ts";
import type { ServeArguments } from "./command.ts";
import { foldersOf, usualConfig } from "./folders.ts";
import { findGateway } from "./gateways.ts";
import { Notices } from "./notices.ts";
import { type Console, type ExitCode, exit } from "./output.ts";
import { openPool } from "./pool.ts";
import type { Screen } from "./screen.ts";
import { givenBy, listenOn, override, readSettings, split, withEnvironment } from "./settings.ts";
import { onOrphaned, onSignals, stopHandler } from "./signals.ts";
import { using } from "./using.ts";
import { offer, welcome } from "./welcome.ts";

/** Milliseconds that whoever reads the log gets for its last lines. */
const FLUSH_MS = 1000;
/** What is wrong with a config file, in one message. */
const SHOWN_PROBLEMS = 3;
const POOL_LATER = "another pool is taken up at the next start";
const LOG_STUCK =
  "Nobody reads the log that Portico writes, so lines of it are left out. Look at what its output is piped into.";

/** Resolves when it serves, or when it is known why it does not; from there on signals rule. */
export async function serve(given: ServeArguments, { env, err }: Console): Promise<ExitCode | undefined> {
  const args = { ...given, config: given.config ?? usualConfig(env) };
  const drainMs = args.drain * 1000;
  const loaded = await readSettings(args, env);
  const redactor = createRedactor();
  redactor.add(loaded.secrets);
  let led: Leader | undefined;
  const output = new BoundedOutput(process.stderr, {
    missing: (lines) =>
      `${new Date().toISOString()} WARN  ${lines} lines of the log are missing here, because nobody read it\n`,
    onStuck: (stuck) => led?.note("log", stuck ? LOG_STUCK : undefined),
  });
  const write = (lines: string) => output.write(lines);
  const tell = (entry: Events["log"]) => led?.tellOthers(entry);
  const log = createLog({ level: args.logLevel, write, now: Date.now, redactor, tell, later: soon });
  process.on("exit", log.flush);
  boundYoungGeneration();
  giveBackMemory();

  const folders = foldersOf(args.dataDir, env);
  const { folder, leadership: claimed } = await acquireFolder(folders.data);
  if (claimed === undefined) {
    log.error(await whoLeads(args, env));
    return 1;
  }
  let leadership = claimed;
  const secretsPath = join(folder.path, "secrets.json");
  const lock = folderLock(folder.locks);
  const secrets = watchedSecrets(
    keptSecrets(createSecretsFile(secretsPath, lock), systemClock),
    redactor.add,
  );
  const outside = networkFromEnvironment(env);
  redactor.add(outside.secrets);
  for (const warning of [...outside.warnings, ...loaded.warnings]) log.warn(warning);
  const apiKey = await resolveApiKey(loaded.settings.auth.apiKey, secrets);

  const pool = await openPool(loaded.settings.pool, log);
  const notices = new Notices({
    file: folder.notified,
    network: outside.network,
    log,
    accounts: async () => (await led?.call("accounts.list", undefined)) ?? [],
  });
  let watcher: ConfigWatcher | undefined;
  const end = async (withinMs: number) => {
    watcher?.close();
    await led?.close(withinMs, () => leadership.release());
    await pool?.close();
    await notices.close();
    leadership.release();
  };
  stopOnSignals(end, { drainMs, log, active: () => led?.status().active ?? 0 });
  const leading = startLeader({
    folder,
    runtimeDir: folders.runtime,
    version: VERSION,
    kind: "headless",
    pool,
    restoresClients: true,
    program: err.program,
    systemPac: () => systemPac(),
    ...split(loaded, args.config),
    ...listenOn(args),
    autoStart: "never",
    ...(args.dashboard ? { pages: pagesFolder() } : {}),
    ...(args.dashboardPort === undefined ? {} : { controlPort: args.dashboardPort }),
    secretsFailure: `${secretsPath} cannot be read, so keys are missing. Repair it, or move it away to start anew.`,
    ports: {
      log,
      secrets,
      network: outside.network,
      clock: systemClock,
      random: Math.random,
      lock,
    },
    parts: leaderDependencies,
    redact: redactor.redact,
    secrets: redactor.secrets,
    retake() {
      const next = tryLead(folder.leader);
      if (next === undefined) return false;
      leadership.release();
      leadership = next;
      return true;
    },
    onLost() {
      end(drainMs)
        .catch((error: unknown) => log.error(`could not stop: ${messageOf(error)}`))
        .finally(() => exitWith(1, log));
    },
    onEvent(event, data) {
      if (event === "status") notices.look(data as Events["status"]);
    },
  });
  try {
    led = await leading;
  } catch (error) {
    leadership.release();
    const why = await whyNoDashboardPort(error, args.dashboardPort);
    if (why === undefined) throw error;
    log.error(why);
    return 1;
  }

  const state = await led.start();
  if (state.kind !== "running") {
    await led.close(0);
    leadership.release();
    sayWhy(state, log);
    return 1;
  }
  process.stdout.write(`Portico ${VERSION} listening on ${state.baseUrl}\n`);

  const { settings } = loaded;
  await notices.use(settings.notify);
  notices.look(led.status());
  const generated = settings.auth.apiKey === undefined;
  const key = generated ? (process.stderr.isTTY ? apiKey : `see ${secretsPath}`) : `see ${args.config}`;
  const lines = welcome({
    version: VERSION,
    baseUrl: state.baseUrl,
    settings,
    sandboxOnly: led.status().sandboxOnly,
    dashboard: args.dashboard ? (await led.call("dashboard.link", undefined)).url : undefined,
    config: args.config,
    key,
    generated,
    platform: process.platform,
    program: err.program,
  });
  log.flush();
  write(`${lines.join("\n")}\n`);
  if (args.config !== undefined && loaded.text !== undefined) {
    watcher = follow(args.config, loaded.text, led);
  }
  await offerLocalServers(led, log, err);
  return undefined;

  function follow(file: string, text: string, leading: Leader): ConfigWatcher {
    const kept = "the settings in force are kept";
    /** Told until it is mended. */
    const broken = (how: string) =>
      leading.note(
        "config",
        redactor.redact(`The config file ${file} ${how}. What was in force before stays so.`),
      );
    return watchConfig({
      file: resolve(file),
      text,
      env,
      clock: systemClock,
      async onValid({ settings: changed, given, secrets }) {
        try {
          const { settings: next } = withEnvironment(override(changed, args), env);
          redactor.add(secrets);
          await notices.use(next.notify);
          if (!isDeepStrictEqual(next.pool, settings.pool)) log.warn(POOL_LATER, { file });
          const { window, fixed } = split({ settings: next, given: givenBy(given, args) }, file);
          const after = await leading.applyWindow(window, fixed);
          leading.note("config", undefined);
          if (after.kind === "failed") log.error(after.message, { file });
          else log.info("the changed config file is in force", { file, url: urlOf(after) });
        } catch (error) {
          log.error(`the changed config file could not be applied; ${kept}: ${messageOf(error)}`, { file });
          broken(`could not be applied (${messageOf(error)})`);
        }
      },
      onInvalid(problems) {
        log.error(`the changed config file does not hold; ${kept}`, { file });
        const lines = formatProblems(file, problems);
        for (const line of lines) log.error(line);
        const more = lines.length - SHOWN_PROBLEMS;
        broken(
          `does not hold: ${lines.slice(0, SHOWN_PROBLEMS).join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
        );
      },
      onUnreadable(reason) {
        log.warn(`the config file cannot be read; ${kept}: ${reason}`, { file });
        broken(`cannot be read: ${reason}`);
      },
    });
  }
}

async function whoLeads({ dataDir }: ServeArguments, env: Environment): Promise<string> {
  const folders = foldersOf(dataDir, env);
  const how = t("Stop it, or give this one a data folder of its own: --data-dir DIR");
  return using(findGateway({ folders, only: true }), async (other) => {
    if (other === undefined)
      return `${t("Another Portico with the data folder {0} is just starting or ending.", folders.data)} ${how}`;
    const { proxy } = await other.client.call("status.get", undefined);
    const { data } = folders;
    const { pid } = other.address;
    const runs =
      proxy.kind === "running"
        ? t("Portico already runs with the data folder {0} (pid {1}, at {2}).", data, pid, proxy.baseUrl)
        : t("Portico already runs with the data folder {0} (pid {1}, its proxy is stopped).", data, pid);
    return `${runs} ${how}`;
  });
}

/** The built pages, beside the bundle or from the sources. */
function pagesFolder(): string {
  const folder = import.meta.url.endsWith(".ts") ? "../../dist/webviews" : "./webviews";
  return fileURLToPath(new URL(folder, import.meta.url));
}

/**
 * @param port that was asked for
 * @returns words for a person; `undefined`: something else failed than listening there
 */
export async function whyNoDashboardPort(
  error: unknown,
  port: number | undefined,
): Promise<string | undefined> {
  // Files are refused with the same codes.
  const listening = error instanceof Error && "syscall" in error && error.syscall === "listen";
  if (!listening || port === undefined) return undefined;
  switch (codeOf(error)) {
    case "EADDRINUSE": {
      const holder = (await findPortHolder(port, "127.0.0.1"))?.name;
      return holder === undefined
        ? t(
            "The dashboard cannot have port {0}: another program has it. Choose another with --dashboard-port N.",
            port,
          )
        : t(
            "The dashboard cannot have port {0}: {1} has it. Choose another with --dashboard-port N.",
            port,
            holder,
          );
    }
    case "EACCES":
    case "EPERM":
      return port < 1024
        ? t("This account may not listen on port {0}. Choose one above 1023 with --dashboard-port N.", port)
        : t("The system lets nobody listen on port {0}. Choose another with --dashboard-port N.", port);
    default:
      return undefined;
  }
}

interface Stopping {
  /** After the first signal. */
  readonly drainMs: number;
  readonly log: FlushedLog;
  /** Requests in flight. */
  active(): number;
}

/** The last lines of the log go out before. */
function exitWith(code: number, log: FlushedLog): void {
  log.flush();
  exit(code, FLUSH_MS);
}

function stopOnSignals(
  stop: (drainMs: number) => Promise<void>,
  { drainMs, log, active: inFlight }: Stopping,
): void {
  let code: number = 0;
  const byNpx = process.env.npm_command === "exec";
  const failed = (error: unknown) => {
    log.error(`could not stop: ${messageOf(error)}`);
    exitWith(1, log);
  };
  const handler = stopHandler({
    wrapped: process.env.PORTICO_WRAPPED === "1" || byNpx,
    now: Date.now,
    onStop(signal) {
      const active = inFlight();
      const wait = active === 0 ? "" : `; waiting for ${active} running, the same again stops at once`;
      log.info(`stopping on ${signal}${wait}`);
      log.flush();
      stop(drainMs).then(() => exitWith(code, log), failed);
    },
    onHurry(customary) {
      code = customary;
      log.info("stopping now; the same again ends without a word");
      log.flush();
      void stop(0).catch(failed);
    },
    onKill: (code) => process.exit(code),
  });
  onSignals(handler);
  if (byNpx) onOrphaned(() => handler("SIGTERM"));
}

function sayWhy(state: ProxyState, log: Log): void {
  if (state.kind === "failed") {
    const by =
      state.holder === undefined || state.message.includes(state.holder) ? "" : ` (by ${state.holder})`;
    log.error(`${state.message}${by}`);
    if (state.reason !== "other") {
      log.error(t('Choose another port with --port N (0 picks a free one) or "port" in the config file.'));
    }
  }
}

/** Ollama and LM Studio on their default ports, while they are no accounts. */
async function offerLocalServers(led: Leader, log: Log, { program, write }: Screen): Promise<void> {
  try {
    const accounts = await led.call("accounts.list", undefined);
    const providers = new Set(accounts.map((account) => account.provider));
    for (const server of await led.call("local.detect", undefined)) {
      if (!providers.has(server.provider)) write(`${offer(server, program).join("\n")}\n`);
    }
  } catch (error) {
    log.debug(`looking for model servers on this computer failed: ${messageOf(error)}`);
  }
}

function urlOf(state: ProxyState): string | undefined {
  return state.kind === "running" ? state.baseUrl : undefined;
}
