/** What the leading process runs: the gateway, its accounts, and the control API over both. */
import { homedir } from "node:os";
import type {
  AccountView,
  CheckResult,
  EventName,
  Events,
  LocalServer,
  Method,
  NewAccount,
  Params,
  Problem,
  ProxyState,
  Result,
  Status,
} from "../../control/contract.ts";
import type { AutoStart, WindowSettings } from "../../control/window.ts";
import type { AccountKey } from "../accounts/account.ts";
import { AccountsFile } from "../accounts/accountsFile.ts";
import type { Surroundings } from "../accounts/credentials/discover.ts";
import { type CredentialSteeringDeps, createCredentialSteering } from "../accounts/credentials/steering.ts";
import { generateApiKey, resolveApiKey, rotateApiKey } from "../config/apiKey.ts";
import type { Serve } from "../control/channel.ts";
import { createHandlers, type Steering, serveHandlers } from "../control/handlers.ts";
import { removePointer, writePointer } from "../control/pointers.ts";
import { openControlServer } from "../control/server.ts";
import type { DataFolder } from "../dataFolder.ts";
import { badRequest } from "../errors.ts";
import type { Gateway, GatewayOptions } from "../gateway.ts";
import type { Ports } from "../ports.ts";
import type { Provider } from "../providers/provider.ts";
import type { Settings } from "../settings.ts";
import { createProofsFile } from "../state/proofsFile.ts";
import { createResponsesFile } from "../state/responsesFile.ts";
import { createStateFile } from "../state/stateFile.ts";
import { inTurns } from "../turns.ts";
import { createAccountBook, providerView } from "./accountBook.ts";
import { AccountNews } from "./accountNews.ts";
import { createAccountSteering } from "./accountSteering.ts";
import { nextChange, type Standing, standingOf } from "./atWork.ts";
import { Audience } from "./audience.ts";
import { Changes } from "./changes.ts";
import { readFirstQuota } from "./firstQuota.ts";
import { type Composed, composeSettings, type Fixed, NOTHING_FIXED } from "./settings.ts";
import { readWanted, writeWanted } from "./wanted.ts";

/** The parts of the gateway that the leader puts to work; given in, so that tests choose them. */
export interface LeadParts {
  createGateway(settings: Settings, ports: Ports, options: GatewayOptions): Gateway;
  providers: readonly Provider[];
  /** @param key in place of `account.apiKey`, where it is more than that */
  checkAccount(
    account: NewAccount,
    gateway: Gateway,
    signal: AbortSignal,
    key?: AccountKey,
  ): Promise<CheckResult>;
  /** @param known base URLs that are accounts already */
  detectLocal(known: ReadonlySet<string>, signal: AbortSignal): Promise<LocalServer[]>;
}

export interface LeadOptions {
  folder: DataFolder;
  /** The user's runtime folder, where word is left of who runs. */
  runtimeDir?: string;
  version: string;
  window: WindowSettings;
  /** Of a config file. */
  fixed?: Fixed;
  /** Listen on exactly this address. */
  host?: string;
  /** Start-up alone asks this; one who takes over does what is wanted. */
  autoStart: AutoStart;
  /** For a person whose keys cannot be read: what keeps them, and what to do. */
  secretsTrouble: string;
  ports: Ports;
  parts: LeadParts;
  /** Where credentials are looked for; this process's own by default. */
  surroundings?: Surroundings;
  signIns?: CredentialSteeringDeps["signIns"];
  /** Of the control API and the dashboard; any that is free by default. */
  controlPort?: number;
  /** Folder of the pages' bundle, for browsers; absent: no dashboard. */
  pages?: string;
  /** Takes secrets out of text that is written down. */
  redact(text: string): string;
  /** To this window; the other ones hear the same over the control API. */
  onEvent<E extends EventName>(event: E, data: Events[E]): void;
}

export interface Lead {
  readonly serve: Serve;
  /** The same for this process itself; failures are as they come. */
  call<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>>;
  status(): Status;
  /** Opens the data port, whatever is wanted; does not throw for a taken one. */
  start(): Promise<ProxyState>;
  /** To the other windows: this window's log. */
  tellOthers(data: Events["log"]): void;
  /** @param fixed of the config file; absent: as it was */
  applyWindow(window: WindowSettings, fixed?: Fixed): Promise<ProxyState>;
  /** Lets requests end for up to `drainMs`. What is wanted stays as it is. */
  close(drainMs: number): Promise<void>;
}

/** @throws when the data folder cannot be used. */
export async function lead(options: LeadOptions): Promise<Lead> {
  const { folder, version, ports, parts } = options;
  const { log, secrets, clock } = ports;
  let { window, fixed = NOTHING_FIXED } = options;
  const turn = inTurns();

  const file = await AccountsFile.open(folder.accounts, clock.now);
  if (file.notice !== undefined) log.warn(file.notice);
  let secretsWork = true;
  let apiKey = await readApiKey();
  let composed = compose();
  const audience = new Audience({ onEvent: options.onEvent, onWatch: () => news.watch() });
  const changes = new Changes(clock, {
    read: () => ({ problems: gateway.problems, ...standing() }),
    next: nextChange,
    onChange: () => announce(),
  });
  const gateway = parts.createGateway(composed.settings, ports, {
    ...(options.host === undefined ? {} : { host: options.host }),
    state: createStateFile(folder.state, { log, clock, redact: options.redact }),
    proofs: createProofsFile(folder.proofs, { log, clock }),
    responses: createResponsesFile(folder.responses, { log, clock }),
    onRecord: () => changes.noted(),
  });
  const { tokens } = gateway.credentials;
  const book = createAccountBook({
    file,
    fixed: () => fixed.accounts,
    providers: parts.providers,
    credentials: tokens,
  });
  let missingKeys = await findMissingKeys();

  function readApiKey(): Promise<string> {
    return resolveApiKey(fixed.apiKey, secrets).catch((error: unknown) => {
      secretsWork = false;
      log.error(options.secretsTrouble, { error: String(error) });
      return generateApiKey();
    });
  }

  function compose(): Composed {
    const { accounts, routes } = file;
    const next = composeSettings({ window, fixed, accounts, routes, apiKey });
    for (const { message } of next.problems) log.warn(message);
    return next;
  }

  async function findMissingKeys() {
    try {
      return await book.problems();
    } catch (error) {
      secretsWork = false;
      log.error("the keys of the accounts could not be read", { error: String(error) });
      return [];
    }
  }

  function status(): Status {
    const { settings } = composed;
    return {
      version,
      proxy: gateway.state,
      authMode: settings.auth.mode,
      lan: settings.allowLanAccess,
      accounts: settings.accounts.length,
      sandboxOnly: gateway.sandboxOnly,
      active: gateway.active,
      problems: problems().sort(bySeverity),
      ...standing(),
    };
  }

  const standing = (): Standing => standingOf(book.views(), gateway.pool.standing());

  function problems(): Problem[] {
    const { state } = gateway;
    const { port } = composed.settings;
    const found: Problem[] = [...missingKeys, ...gateway.problems, ...composed.problems];
    if (!secretsWork) found.push({ severity: "error", message: options.secretsTrouble });
    if (file.notice !== undefined) found.push({ severity: "warning", message: file.notice });
    if (state.kind === "running" && port !== 0 && state.port !== port) {
      const message = `Port ${port} could not be opened, so Portico is still on ${state.port}. The log says why.`;
      found.push({ severity: "warning", message });
    }
    return found;
  }

  async function apply(): Promise<void> {
    const before = composed.settings;
    composed = compose();
    const { port, allowLanAccess } = composed.settings;
    await gateway.apply(composed.settings);
    const moved = before.port !== port || before.allowLanAccess !== allowLanAccess;
    // The person mended what kept it from starting.
    if (moved && gateway.state.kind === "failed") await gateway.start();
    announce();
  }

  async function changed(): Promise<void> {
    missingKeys = await findMissingKeys();
    await apply();
  }

  /** New accounts, or new credentials: the change in its turn, then what they may use. */
  async function withQuotas(change: () => Promise<AccountView[]>): Promise<AccountView[]> {
    const changed = await turn(change);
    const ids = changed.map(({ id }) => id);
    await readFirstQuota(gateway.pool, ids, { clock, onLate: () => announce() });
    announce();
    return changed;
  }

  const credentials = createCredentialSteering({
    credentials: gateway.credentials,
    providers: parts.providers,
    accounts: () => file.accounts,
    check: (account, key, signal) => parts.checkAccount(account, gateway, signal, key),
    add: (account, credential) =>
      withQuotas(async () => {
        const added = await book.addWith(account, credential);
        log.info("account added", { account: added.id, provider: added.provider });
        await changed();
        return [added];
      }).then(only),
    addAll: (entries) =>
      withQuotas(async () => {
        const added = await book.addAll(entries);
        await changed();
        return added;
      }),
    replace: (id, credential) =>
      withQuotas(async () => {
        const account = await book.replace(id, credential);
        gateway.pool.health.forget(id);
        log.info("signed in again", { account: id });
        await changed();
        return [account];
      }).then(only),
    surroundings: options.surroundings ?? { env: process.env, platform: process.platform, home: homedir() },
    clock,
    log,
    ...(options.signIns === undefined ? {} : { signIns: options.signIns }),
  });

  const atWork = createAccountSteering({
    book,
    gateway,
    check: (account, key, signal) => parts.checkAccount(account, gateway, signal, key),
    change: (job) =>
      turn(async () => {
        const result = await job();
        await changed();
        return result;
      }),
    announce: () => announce(),
    log,
  });

  const news = new AccountNews({
    clock,
    log,
    wanted: () => audience.wants("accounts"),
    list: () => atWork.list(),
    tell: (accounts) => audience.tell("accounts", accounts),
  });

  const steering: Steering = {
    credentials,
    atWork,
    status,
    start: (port) =>
      turn(async () => {
        if (port !== undefined) {
          window = { ...window, port };
          await apply();
        }
        await writeWanted(folder.wanted, "running");
        await gateway.start();
      }),
    stop: () =>
      turn(async () => {
        await writeWanted(folder.wanted, "stopped");
        await gateway.stop(STOP_DRAIN_MS);
      }),
    apiKey: async () => apiKey,
    rotateKey: () =>
      turn(async () => {
        if (fixed.apiKey !== undefined)
          throw badRequest("The key stands in the config file. Change it there.");
        apiKey = await rotateApiKey(secrets);
        await apply();
        return apiKey;
      }),
    providers: () => parts.providers.map(providerView),
    checkAccount: (account, signal) => parts.checkAccount(account, gateway, signal),
    addAccount: (account) =>
      withQuotas(async () => {
        const added = await book.add(account);
        log.info("account added", { account: added.id, provider: added.provider });
        await changed();
        return [added];
      }).then(only),
    removeAccount: (id) =>
      turn(async () => {
        const removed = await book.remove(id);
        if (!removed) return false;
        log.info("account removed", { account: id });
        missingKeys = await findMissingKeys();
        await apply();
        return true;
      }),
    detectLocal: (signal) => {
      const known = gateway.accounts.flatMap(({ endpoints }) =>
        [...endpoints.values()].map(({ base }) => base),
      );
      return parts.detectLocal(new Set(known), signal);
    },
    dashboardLink: () => server.dashboardLink(),
  };

  const handlers = createHandlers(steering);
  const serve = serveHandlers(handlers, log);
  const server = await openControlServer({
    serve,
    log,
    version,
    addressFile: folder.gateway,
    ...(options.controlPort === undefined ? {} : { port: options.controlPort }),
    ...(options.pages === undefined ? {} : { dashboard: { folder: options.pages, clock } }),
    onWatch: () => news.watch(),
  });
  await leaveWord();

  /** For a command line that does not know this data folder; it is found without where it is the usual one. */
  async function leaveWord(): Promise<void> {
    if (options.runtimeDir === undefined) return;
    const pointer = { pid: process.pid, dataDir: folder.path, since: clock.now() };
    await writePointer(options.runtimeDir, pointer).catch((error: unknown) => {
      log.debug("no word could be left in the runtime folder", { error: String(error) });
    });
  }

  audience.admit(server);

  function announce(): void {
    audience.tell("status", status());
  }
  const subscriptions = [gateway.onState(announce), tokens.onProblems(announce)];
  announce();
  if (
    options.autoStart === "always" ||
    (options.autoStart === "restore" && (await readWanted(folder.wanted)) === "running")
  ) {
    // Starting may take its time; the window is served meanwhile.
    void steering
      .start()
      .catch((error: unknown) => log.error("the proxy did not start", { error: String(error) }));
  }

  return {
    serve: serve(audience.own),
    call: async (method, params, signal = new AbortController().signal) =>
      await handlers[method](params, signal, audience.own),
    status,
    start: () => turn(() => gateway.start()),
    tellOthers: (data) => server.emit("log", data),
    applyWindow: (next, nextFixed = fixed) =>
      turn(async () => {
        window = next;
        if (nextFixed.apiKey !== fixed.apiKey) {
          fixed = nextFixed;
          apiKey = await readApiKey();
        }
        fixed = nextFixed;
        await changed();
        return gateway.state;
      }),
    close: (drainMs) =>
      turn(async () => {
        for (const unsubscribe of subscriptions) unsubscribe();
        changes.close();
        news.close();
        credentials.close();
        await gateway.stop(drainMs);
        if (options.runtimeDir !== undefined) {
          await removePointer(options.runtimeDir, folder.path).catch((error: unknown) => {
            log.debug("the word in the runtime folder could not be removed", { error: String(error) });
          });
        }
        await server.close();
      }),
  };
}

/** @throws where a change of one account told of none */
function only([account]: readonly AccountView[]): AccountView {
  if (account === undefined) throw new Error("no account");
  return account;
}

/** Milliseconds that requests in flight get when a person stops the proxy. */
const STOP_DRAIN_MS = 5000;

function bySeverity(a: Problem, b: Problem): number {
  return Number(b.severity === "error") - Number(a.severity === "error");
}
