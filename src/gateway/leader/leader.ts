/** What the leading process runs: the gateway, its accounts, and the control API over both. */
import type { Problem } from "../../control/contract.ts";
import { MonitoredSecrets } from "../accounts/credentials/monitoredSecrets.ts";
import { CleanupStack } from "../common/cleanupStack.ts";
import { PorticoError } from "../common/errors.ts";
import { serialQueueUntilLast } from "../common/serialQueue.ts";
import { openControlServer } from "../controlServer/server.ts";
import { createResponsesFile } from "../state/responsesFile.ts";
import { createSignaturesFile } from "../state/signaturesFile.ts";
import { createStateFile } from "../state/stateFile.ts";
import { createAccountWork } from "./accountChanges.ts";
import { AccountEvents } from "./accountEvents.ts";
import { nextChange, standingOf } from "./accountStatus.ts";
import { createAccountStore, providerView } from "./accountStore.ts";
import { advertiseLeader, withdrawLeader } from "./advertise.ts";
import { createClientKeyService } from "./clientKeyService.ts";
import { createClientService } from "./clientService.ts";
import { NOTHING_FIXED } from "./composeSettings.ts";
import { DesiredStateStore, readDesiredState } from "./desiredState.ts";
import { thisPlatform } from "./diagnostics.ts";
import { openFiles } from "./files.ts";
import { watchFolderForLeader } from "./folderCare.ts";
import { GatewayKey } from "./gatewayKey.ts";
import { callMethod, serveMethods } from "./handlers.ts";
import { KeyExpiry } from "./keyExpiry.ts";
import { createKeyService } from "./keyService.ts";
import { LastUses, USED_BY_MS } from "./lastUses.ts";
import { Leaving } from "./leaving.ts";
import { LogTail } from "./logTail.ts";
import { type Leader, type LeaderOptions, toldOf } from "./options.ts";
import { createProxyService } from "./proxyService.ts";
import { factsOf, rowsWhileWatched } from "./recordEvents.ts";
import { createRequestService } from "./requestService.ts";
import type { Services } from "./services.ts";
import { createSettingsService } from "./settingsService.ts";
import { SettingsStore } from "./settingsStore.ts";
import { statusOf } from "./status.ts";
import { StatusWatcher } from "./statusWatcher.ts";
import { Subscribers } from "./subscribers.ts";

/** @throws when the data folder cannot be used; then nothing of what was begun is left. */
export async function startLeader(options: LeaderOptions): Promise<Leader> {
  const cleanup = new CleanupStack();
  try {
    return await begin(options, cleanup);
  } catch (error) {
    const { log } = options.ports;
    await cleanup.run((failure) =>
      log.error("a start that failed left something open", { error: String(failure) }),
    );
    throw error;
  }
}

async function begin(options: LeaderOptions, cleanup: CleanupStack): Promise<Leader> {
  const { folder, version, parts, fixed = NOTHING_FIXED } = options;
  const { log, clock } = options.ports;
  let began = false;
  let changedEarly = false;
  const secrets = new MonitoredSecrets({
    store: options.ports.secrets,
    clock,
    log,
    failure: options.secretsFailure,
    onProblem: () => secretsChanged(),
  });
  cleanup.add(() => secrets.close());
  const key = new GatewayKey({ secrets, clock, log, onProblem: () => began && announce() });
  cleanup.add(() => key.close());
  const ports = { ...options.ports, secrets };
  const { inTurn, last: lastTurn } = serialQueueUntilLast(
    () => new PorticoError("unavailable", "This Portico is ending. Try again in a moment."),
  );
  const lastLines = new LogTail();
  // Whoever takes over has clients waiting: what is needed to serve them is read at once, the rest later.
  const [files, apiKey, wanted] = await Promise.all([
    openFiles(folder, clock.now),
    key.read(fixed.apiKey),
    options.autoStart === "restore" ? readDesiredState(folder.wanted) : undefined,
  ]);
  const { file, keysFile, notices } = files;
  await file.endSwitched(fixed.accounts, log);
  for (const notice of notices) log.warn(notice);
  const settingsStore = new SettingsStore({
    kind: options.kind,
    window: options.window,
    fixed,
    ...files,
    apiKey,
    warn: (message) => log.warn(message),
  });
  const subscribers = new Subscribers({ onEvent: options.onEvent, onWatch: watched });
  const uses = new LastUses(clock);
  const changes = new StatusWatcher(clock, {
    read: () => ({
      problems: gateway.problems,
      // While it stops, people wait for them.
      underWay: gateway.state.kind === "stopped" ? gateway.active : 0,
      ...standingOf(accountStore.views(), gateway.pool.standing()),
    }),
    next: nextChange,
    onChange: () => announce(),
  });
  cleanup.add(() => changes.close());
  const records = parts.openRecords({
    file: folder.records,
    clock,
    log,
    settings: settingsStore.settings,
    account: (id) => factsOf(gateway.accounts, id),
    secrets: options.secrets,
  });
  // It may take its time: pages are told when it is there.
  void records.lastUses(USED_BY_MS).then(
    (found) => uses.restore(found),
    (error: unknown) => log.debug("the last uses of accounts could not be read", { error: String(error) }),
  );
  cleanup.add(async () => void (await records.close()));
  const leaving = new Leaving({
    options,
    settings: () => settingsStore.settings,
    gateway: () => gateway,
    records: () => records,
    lastTurn,
    hush() {
      for (const unsubscribe of subscriptions) unsubscribe();
      folderWatch.close();
      secrets.close();
      key.close();
      desiredState.close();
      changes.close();
      accountEvents.close();
      rows.close();
    },
    endAccounts: (withinMs) => accounts.close(withinMs),
    withdraw: () => withdrawLeader(advertised).then(() => server.close()),
    onReleased: (attached) => clients.leave(attached > 0),
  });
  const gateway = parts.createGateway(settingsStore.settings, ports, {
    ...(options.host === undefined ? {} : { host: options.host }),
    state: leaving.whileLeading(createStateFile(folder.state, { log, clock, redact: options.redact })),
    signatures: leaving.whileLeading(createSignaturesFile(folder.signatures, { log, clock })),
    responses: leaving.whileLeading(createResponsesFile(folder.responses, { log, clock })),
    recordsDropped: () => records.dropped,
    secrets: options.secrets,
    hasSecret: (id) => file.stored(id),
    keyFailure: () => secrets.problem ?? options.secretsFailure,
    ...toldOf(options),
    prices: (question) => records.price(question),
    onRecord: (record) => {
      if (leaving.record(record)) records.add(record);
      uses.note(record);
      changes.noted();
    },
  });
  // Also where it is just starting.
  cleanup.add(() => inTurn(() => gateway.stop(0)));
  const { tokens } = gateway.credentials;
  // Who looks at it first is told how it was, not that all is well; also while the proxy is off.
  await gateway.pool.load();
  const accountStore = createAccountStore({
    file,
    fixed: () => settingsStore.fixedAccounts,
    providers: parts.providers,
    credentials: tokens,
    log,
  });
  let missingKeys: Problem[] = [];
  /** By cause. */
  const besides = new Map<string, Problem>();
  const desired = { file: folder.wanted, clock, log, onProblem: () => announce() };
  const desiredState = new DesiredStateStore(desired);
  cleanup.add(() => desiredState.close());

  /** They can be read again, or no longer. */
  function secretsChanged(): void {
    changedEarly = !began;
    if (!began) return;
    announce();
    if (secrets.problem !== undefined) return;
    const back = async () => {
      settingsStore.use({ apiKey: await key.read(settingsStore.fixed.apiKey) });
      missingKeys = await accountStore.problems();
      gateway.askAgain();
      await apply();
    };
    inTurn(back).catch((error: unknown) => log.error("the keys were not taken up", { error: String(error) }));
  }

  const keys = createKeyService({ inTurn, settingsStore, key, apply, failure: options.secretsFailure });
  const clients = createClientService({ ...options, clock, gateway, settingsStore, keys, announce });
  const expiry = new KeyExpiry(clock, settingsStore, announce);
  cleanup.add(() => expiry.close());
  const status = () =>
    statusOf({
      version,
      gateway,
      accounts: accountStore.views(),
      settings: settingsStore.settings,
      noted: [...missingKeys, ...settingsStore.problems, ...besides.values(), ...clients.problems],
      keys: expiry.problems,
      connected: clients.labels,
      notKept: desiredState.problem,
      notices,
      secrets: secrets.problem ?? key.problem,
      records: records.problem,
    });

  /** Puts the settings in force to work. @param before those that were */
  async function apply(before = settingsStore.settings): Promise<void> {
    const { settings } = settingsStore;
    records.configure(settings);
    await gateway.apply(settings);
    const moved = before.port !== settings.port || before.allowLanAccess !== settings.allowLanAccess;
    // The person mended what kept it from starting.
    if (moved && gateway.state.kind === "failed") await gateway.start();
    announce();
    if (subscribers.wants("settings")) subscribers.tell("settings", settingsStore.view());
  }

  /** Something in the files changed. */
  async function changed(): Promise<void> {
    const before = settingsStore.settings;
    missingKeys = await accountStore.problems();
    settingsStore.compose();
    await apply(before);
  }

  const change = (job: () => Promise<void>) =>
    inTurn(async () => {
      await job();
      await changed();
    });

  const accounts = createAccountWork({
    options,
    gateway,
    accountStore,
    file,
    settingsStore,
    uses,
    inTurn,
    changed,
    announce: () => announce(),
  });
  cleanup.add(() => accounts.close(0));
  const { accounts: service } = accounts;
  const rows = rowsWhileWatched(records, subscribers);
  const accountEvents = new AccountEvents({
    clock,
    log,
    wanted: () => subscribers.wants("accounts"),
    list: () => service.list(),
    tell: (list) => subscribers.tell("accounts", list),
  });
  cleanup.add(() => accountEvents.close());
  cleanup.add(() => rows.close());

  const services: Services = {
    ...accounts,
    accounts: { ...service, list: async () => accountEvents.given(await service.list()) },
    status,
    ...createProxyService({
      inTurn,
      gateway,
      desiredState,
      async usePort(port) {
        const before = settingsStore.settings;
        settingsStore.use({ port });
        await apply(before);
      },
    }),
    ...keys,
    clients,
    providers: () => parts.providers.map(providerView),
    dashboardLink: (inFile, port) => server.dashboardLink(inFile, port),
    requests: createRequestService({ records, gateway, settingsStore }),
    keys: createClientKeyService({ keysFile, settingsStore, uses: () => gateway.pool.keys, clock, change }),
    settings: createSettingsService({
      kind: options.kind,
      version,
      settingsStore,
      secrets,
      file,
      folder,
      gateway,
      records,
      network: ports.network,
      systemPac: options.systemPac,
      clients: () => server.clients,
      change,
      async diagnosed() {
        return {
          now: clock.now(),
          platform: thisPlatform(),
          status: status(),
          accounts: await service.list(),
          lines: lastLines.lines,
          redact: options.redact,
        };
      },
    }),
  };

  const starts = options.autoStart === "always" || wanted === "running";
  // Starting may take its time; the window is served meanwhile.
  if (starts) {
    void services
      .start()
      .catch((error: unknown) => log.error("the proxy did not start", { error: String(error) }));
  }
  missingKeys = await accountStore.problems();
  const serve = serveMethods(services, log);
  const server = await openControlServer({
    serve,
    log,
    version,
    addressFile: folder.gateway,
    port: options.controlPort,
    runtimeDir: options.runtimeDir,
    dashboard: options.pages === undefined ? undefined : { folder: options.pages, links: folder.path, clock },
    onWatch: watched,
  });
  cleanup.add(async () => void (await server.close()));
  const advertised = { runtimeDir: options.runtimeDir, folder, clock, log };
  cleanup.add(() => withdrawLeader(advertised));
  await advertiseLeader(advertised);
  subscribers.admit(server);
  const folderWatch = await watchFolderForLeader({
    folder,
    clock,
    log,
    retake: () => options.retake?.() ?? true,
    rewrite: () =>
      inTurn(async () => {
        const running = gateway.state.kind === "running" || gateway.state.kind === "starting";
        await Promise.all([files.rewrite(), server.readvertise(), advertiseLeader(advertised)]);
        await Promise.all([
          desiredState.rewrite(running ? "running" : "stopped"),
          key.rewrite(),
          records.sweep(),
        ]);
        missingKeys = await accountStore.problems();
      }),
    writable: () => desiredState.again(),
    tell: (message) => note("data-folder", message),
    onLost(message) {
      leaving.lose();
      options.onLost?.(message);
    },
  });
  cleanup.add(() => folderWatch.close());

  function watched(): void {
    accountEvents.watch();
    rows.watch();
  }

  function announce(): void {
    subscribers.tell("status", status());
    changes.told();
    clients.look();
    expiry.look();
  }
  function note(cause: string, message: string | undefined): void {
    if (message === undefined) besides.delete(cause);
    else besides.set(cause, { severity: "warning", message, cause });
    announce();
  }
  const subscriptions = [gateway.onState(announce), tokens.onProblems(announce), records.onProblem(announce)];
  cleanup.add(() => {
    for (const unsubscribe of subscriptions) unsubscribe();
  });
  announce();
  began = true;
  if (changedEarly) secretsChanged();

  return {
    serve: serve(subscribers.own),
    call: async (method, params, signal = new AbortController().signal) =>
      await callMethod(services, method, params, { signal, caller: subscribers.own }),
    status,
    start: () => inTurn(() => gateway.start()),
    note,
    tellOthers(data) {
      lastLines.add(data);
      server.emit("log", data);
    },
    applyWindow: (window, next = settingsStore.fixed) =>
      inTurn(async () => {
        const before = settingsStore.settings;
        await file.endSwitched(next.accounts, log);
        settingsStore.use({ window, fixed: next, apiKey: await key.read(next.apiKey) });
        missingKeys = await accountStore.problems();
        await apply(before);
        return gateway.state;
      }),
    close: (drainMs, release) => leaving.close(drainMs, release),
  };
}
