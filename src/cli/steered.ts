/**
 * What a command asks: the gateway that runs, or, where none does, a quiet one on the data folder that
 * opens no port and is gone with the command.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EventName, Events, Method, Params, Result } from "../control/contract.ts";
import { folderLock } from "../gateway/accounts/credentials/lock.ts";
import { watchedSecrets } from "../gateway/accounts/credentials/store.ts";
import type { Environment } from "../gateway/config/load.ts";
import { networkFromEnvironment } from "../gateway/config/network.ts";
import { createSecretsFile } from "../gateway/config/secretsFile.ts";
import { openDataFolder } from "../gateway/dataFolder.ts";
import { lead } from "../gateway/lead/lead.ts";
import { leadParts } from "../gateway/lead/parts.ts";
import { tryLead } from "../gateway/leader.ts";
import { createLog, createRedactor } from "../gateway/log.ts";
import { systemClock } from "../gateway/ports.ts";
import { VERSION } from "../gateway/version.ts";
import { foldersOf } from "./folders.ts";
import { findGateway } from "./gateways.ts";

/** Milliseconds for one question; the real calls to providers have shorter times of their own. */
const CALL_MS = 120_000;

export interface Steered extends AsyncDisposable {
  /** Absent: nobody runs, and this works on the data folder. */
  readonly running: { readonly pid: number; readonly version: string } | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** @throws ControlError or PorticoError, whose messages are for a person */
  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
}

export interface SteerOptions {
  /** As on the command line. */
  readonly dataDir: string | undefined;
  readonly env: Environment;
  /** Lines of the quiet one's log. */
  readonly write: (line: string) => void;
  onEvent?<E extends EventName>(event: E, data: Events[E]): void;
  /** The running one went away. */
  onClose?(): void;
}

/** The running gateway; `undefined`: none runs. */
export async function steerRunning({ dataDir, env, ...hears }: SteerOptions): Promise<Steered | undefined> {
  const folders = foldersOf(dataDir, env);
  const found = await findGateway({ folders, only: dataDir !== undefined, ...hears });
  if (found === undefined) return undefined;
  const { client, address } = found;
  return {
    running: { pid: address.pid, version: address.version },
    dataDir: found.dataDir,
    call: (method, params) => client.call(method, params, { timeoutMs: CALL_MS }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

/** @returns `undefined` where there is no data folder yet, unless one is to be made */
export async function steerFolder(options: SteerOptions, make: boolean): Promise<Steered | undefined> {
  const { env, write } = options;
  const { data } = foldersOf(options.dataDir, env);
  if (!make && !existsSync(data)) return undefined;
  const folder = await openDataFolder(data);
  const leadership = tryLead(folder.leader);
  if (leadership === undefined) {
    throw new Error("A Portico is just starting or ending. Try again in a moment.");
  }
  try {
    const redactor = createRedactor();
    const log = createLog({ level: "warn", write, now: Date.now, redactor });
    const lock = folderLock(folder.locks);
    const secretsPath = join(folder.path, "secrets.json");
    const led = await lead({
      folder,
      version: VERSION,
      kind: "headless",
      window: {},
      autoStart: "never",
      secretsTrouble: `${secretsPath} cannot be read, so keys are missing. Repair it, or move it away to start anew.`,
      ports: {
        log,
        secrets: watchedSecrets(createSecretsFile(secretsPath, lock), redactor.add),
        network: networkFromEnvironment(env).network,
        clock: systemClock,
        random: Math.random,
        lock,
      },
      parts: leadParts,
      redact: redactor.redact,
      onEvent: () => {},
    });
    return {
      running: undefined,
      dataDir: data,
      call: (method, params) => led.call(method, params, AbortSignal.timeout(CALL_MS)),
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

/** Whoever can answer: the running gateway, else the data folder; `undefined`: there is neither. */
export async function steer(options: SteerOptions, make = false): Promise<Steered | undefined> {
  return (await steerRunning(options)) ?? (await steerFolder(options, make));
}
