/** What the leading process runs: the gateway, its accounts, and the control API over both. */
import { homedir } from "node:os";
import type { AccountView, Status } from "../../control/contract.ts";
import { AccountsFile } from "../accounts/accountsFile.ts";
import { createCredentialSteering } from "../accounts/credentials/steering.ts";
import { generateApiKey, resolveApiKey, rotateApiKey } from "../config/apiKey.ts";
import { createHandlers, type Steering, serveHandlers } from "../control/handlers.ts";
import { removePointer, writePointer } from "../control/pointers.ts";
import { openControlServer } from "../control/server.ts";
import { badRequest } from "../errors.ts";
import { createProofsFile } from "../state/proofsFile.ts";
import { createResponsesFile } from "../state/responsesFile.ts";
import { createStateFile } from "../state/stateFile.ts";
import { inTurns } from "../turns.ts";
import { createAccountBook, providerView } from "./accountBook.ts";
import { AccountNews } from "./accountNews.ts";
import { createAccountSteering } from "./accountSteering.ts";
import { nextChange, standingOf } from "./atWork.ts";
import { Audience } from "./audience.ts";
import { Changes } from "./changes.ts";
import { readFirstQuota } from "./firstQuota.ts";
import type { Lead, LeadOptions } from "./options.ts";
import { factsOf, rowsWhileWatched } from "./recording.ts";
import { createRemoval } from "./removal.ts";
import { createRequestSteering } from "./requestSteering.ts";
import { type Composed, composeSettings, NOTHING_FIXED } from "./settings.ts";
import { statusOf } from "./status.ts";
import { readWanted, writeWanted } from "./wanted.ts";

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
  const audience = new Audience({ onEvent: options.onEvent, onWatch: watched });
  const changes = new Changes(clock, {
    read: () => ({
      problems: gateway.problems,
      ...standingOf(book.views(), gateway.pool.standing()),
    }),
    next: nextChange,
    onChange: () => announce(),
  });
  const records = parts.openRecords({
    file: folder.records,
    clock,
    log,
    settings: composed.settings,
    account: (id) => factsOf(gateway.accounts, id),
  });
  const gateway = parts.createGateway(composed.settings, ports, {
    ...(options.host === undefined ? {} : { host: options.host }),
    state: createStateFile(folder.state, { log, clock, redact: options.redact }),
    proofs: createProofsFile(folder.proofs, { log, clock }),
    responses: createResponsesFile(folder.responses, { log, clock }),
    recordsDropped: () => records.dropped,
    prices: (question) => records.price(question),
    onRecord: (record) => {
      records.add(record);
      changes.noted();
    },
  });
  const { tokens } = gateway.credentials;
  // Who looks at it first is told how it was, not that all is well; also while the proxy is off.
  await gateway.pool.load();
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

  const status = (): Status =>
    statusOf({
      version,
      gateway,
      accounts: book.views(),
      settings: composed.settings,
      noted: [...missingKeys, ...composed.problems],
      notices: [file.notice],
      ...(secretsWork ? {} : { secrets: options.secretsTrouble }),
      records: records.problem,
    });

  async function apply(): Promise<void> {
    const before = composed.settings;
    composed = compose();
    const { port, allowLanAccess } = composed.settings;
    records.configure(composed.settings);
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

  const removal = createRemoval({
    book,
    credentials: gateway.credentials,
    stored: () => file.accounts,
    log,
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

  const rows = rowsWhileWatched(records, audience);
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
        const removed = await removal.remove(id);
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
    requests: createRequestSteering({ records, gateway, apiKey: () => apiKey, fixedBudgets: () => false }),
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
    onWatch: watched,
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

  function watched(): void {
    news.watch();
    rows.watch();
  }

  function announce(): void {
    audience.tell("status", status());
    changes.told();
  }
  const subscriptions = [gateway.onState(announce), tokens.onProblems(announce), records.onProblem(announce)];
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
        rows.close();
        credentials.close();
        await Promise.all([gateway.stop(drainMs), removal.settled(drainMs)]);
        if (options.runtimeDir !== undefined) {
          await removePointer(options.runtimeDir, folder.path).catch((error: unknown) => {
            log.debug("the word in the runtime folder could not be removed", { error: String(error) });
          });
        }
        await server.close();
        await records.close();
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
