/** The leader's inside, with everything that it says or writes down kept for a scan. */
import { join } from "node:path";
import type { CheckResult, Method, Params, Result } from "../../../src/control/contract.ts";
import { checkAccount } from "../../../src/gateway/accounts/check.ts";
import type { Surroundings } from "../../../src/gateway/accounts/credentials/discover.ts";
import { folderLock } from "../../../src/gateway/accounts/credentials/lock.ts";
import { watchedSecrets } from "../../../src/gateway/accounts/credentials/store.ts";
import { openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { createLog, createRedactor } from "../../../src/gateway/common/log.ts";
import {
  directNetwork,
  type Network,
  type SecretStore,
  systemClock,
} from "../../../src/gateway/common/ports.ts";
import { createSecretsFile } from "../../../src/gateway/config/secretsFile.ts";
import { createGateway, type Gateway } from "../../../src/gateway/gateway.ts";
import { startLeader } from "../../../src/gateway/leader/leader.ts";
import type { Leader } from "../../../src/gateway/leader/options.ts";
import type { PoolPort } from "../../../src/gateway/pool/port.ts";
import { PROVIDERS } from "../../../src/gateway/providers/providers.ts";
import { openRecords } from "../../../src/gateway/records/records.ts";
import { resultSchemas } from "../../support/control/results.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { leaksIn, leaksInFolder, MARK } from "../../support/secrets.ts";
import type { AuthServer } from "./authServer.ts";

export interface TestPortico {
  readonly folder: string;
  readonly secrets: SecretStore;
  readonly gateway: Gateway;
  readonly log: string[];
  /** Milliseconds that the clock is ahead. */
  ahead: number;
  call<M extends Method>(method: M, params: Params<M>, signal?: AbortSignal): Promise<Result<M>>;
  /** Where secrets of the server are that must not be there: in what was said, or in a file but the secret store. */
  leaks(): Promise<string[]>;
  close(): Promise<void>;
}

export interface TestOptions {
  readonly signIns?: { timeoutMs?: number; portFor?: (attempt: number) => number };
  readonly deadlineMs?: number;
  readonly network?: Network;
  readonly surroundings?: Surroundings;
  /** Other gateways that it is a pool with. */
  readonly pool?: PoolPort;
  /** Instead of the real call that proves an account. */
  readonly check?: () => Promise<CheckResult>;
  /** Wraps the store, e.g. to make it fail. */
  readonly store?: (secrets: SecretStore) => SecretStore;
}

export async function openPortico(server: AuthServer, options: TestOptions = {}): Promise<TestPortico> {
  const folder = await openDataFolder(makeFolder("oauth"));
  const redactor = createRedactor();
  const lines: string[] = [];
  const said: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLog({ level: "debug", write, now: Date.now, redactor });
  const lock = folderLock(folder.locks);
  const file = createSecretsFile(join(folder.path, "secrets.json"), lock);
  const secrets = watchedSecrets(options.store?.(file) ?? file, redactor.add);
  let gateway: Gateway | undefined;
  const state = { ahead: 0 };
  const clock = {
    ...systemClock,
    now: () => Date.now() + state.ahead,
    monotonic: () => performance.now() + state.ahead,
  };
  const led: Leader = await startLeader({
    folder,
    kind: "vscode",
    version: "0.0.0-test",
    window: { port: 0 },
    autoStart: "always",
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    secretsFailure: "the secrets cannot be read",
    ports: { log, secrets, network: options.network ?? directNetwork, clock, random: Math.random, lock },
    redact: redactor.redact,
    secrets: redactor.secrets,
    surroundings: options.surroundings ?? { env: {}, platform: "linux", home: folder.path },
    ...(options.signIns === undefined ? {} : { signIns: options.signIns }),
    parts: {
      openRecords,
      createGateway(settings, ports, more) {
        const { deadlineMs } = options;
        const credentials = {
          google: server.google,
          openrouter: server.openrouter,
          ...(deadlineMs === undefined ? {} : { deadlineMs }),
        };
        gateway = createGateway(settings, ports, { ...more, credentials });
        return gateway;
      },
      providers: Object.values(PROVIDERS),
      checkAccount: (account, of, signal, key) =>
        options.check?.() ??
        checkAccount(
          account,
          (asked, { path, protocol, body }) => of.getJson(asked, path, protocol, signal, body),
          key,
        ),
      detectLocal: async () => [],
    },
    onEvent: (event, data) => void said.push(JSON.stringify([event, data])),
  });
  if (gateway === undefined) throw new Error("no gateway");
  const made = gateway;
  return {
    folder: folder.path,
    secrets,
    gateway: made,
    log: lines,
    get ahead() {
      return state.ahead;
    },
    set ahead(value) {
      state.ahead = value;
    },
    async call(method, params, signal = new AbortController().signal) {
      try {
        const result = await led.serve(method, params, signal);
        said.push(JSON.stringify(result) ?? "");
        return resultSchemas[method].parse(result);
      } catch (error) {
        said.push(String(error), JSON.stringify(error) ?? "");
        throw error;
      }
    },
    async leaks() {
      // A private key has no room for a mark.
      const unmarked = [...server.secrets].filter((secret) => !secret.includes(MARK));
      const look = (place: string, text: string) => [
        ...leaksIn(place, text),
        ...unmarked.filter((secret) => text.includes(secret)).map(() => `a private key in ${place}`),
      ];
      const files = await leaksInFolder(folder.path, ["secrets.json"], look);
      return [
        ...files,
        ...lines.flatMap((line) => look("the log", line)),
        ...said.flatMap((text) => look("a message", text)),
      ];
    },
    async close() {
      await led.close(0);
      await removeFolder(folder.path);
    },
  };
}

/** What a browser does: follows where it is sent. @returns what the person reads last, and where the redirect went */
export async function browse(url: string): Promise<{ status: number; text: string; callback: string }> {
  const consent = await fetch(url, { redirect: "manual" });
  const callback = consent.headers.get("location");
  if (callback === null) throw new Error(`the server refused: ${consent.status} ${await consent.text()}`);
  const page = await fetch(callback);
  return { status: page.status, text: await page.text(), callback };
}
