/** A real leader with its control API, in a data folder of its own. */
import type { EventName, Events } from "../../src/control/contract.ts";
import { type DataFolder, openDataFolder } from "../../src/gateway/common/dataFolder.ts";
import { createRedactor, logText } from "../../src/gateway/common/log.ts";
import { directNetwork, type Log, type LogFields, systemClock } from "../../src/gateway/common/ports.ts";
import { readAddress } from "../../src/gateway/controlServer/address.ts";
import { type ControlClient, connectControl } from "../../src/gateway/controlServer/client.ts";
import { leaderDependencies } from "../../src/gateway/leader/dependencies.ts";
import { startLeader } from "../../src/gateway/leader/leader.ts";
import type { Leader, LeaderOptions } from "../../src/gateway/leader/options.ts";
import { makeFolder, removeFolder } from "./folder.ts";

export interface TestLead {
  readonly folder: DataFolder;
  readonly lead: Leader;
  readonly lines: string[];
  readonly secrets: Map<string, string>;
  /** What this process heard. */
  readonly heard: { [E in EventName]: Events[E][] };
  client(): Promise<ControlClient>;
  /** Leads the same folder anew. */
  again(options?: Partial<LeaderOptions>): Promise<void>;
  close(): Promise<void>;
}

export async function openLead(
  options: Partial<LeaderOptions> = {},
  path = makeFolder("lead"),
): Promise<TestLead> {
  const folder = await openDataFolder(path);
  const lines: string[] = [];
  const secrets = new Map<string, string>();
  const heard: TestLead["heard"] = { status: [], log: [], requests: [], accounts: [], settings: [] };
  const redactor = createRedactor();
  const line = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push(`${level} ${logText(redactor, message, fields)}`);
  const log: Log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const start = (more: Partial<LeaderOptions>) =>
    startLeader({
      folder,
      version: "1.2.3",
      kind: "vscode",
      window: { port: 0 },
      autoStart: "never",
      secretsFailure: "Secrets cannot be read.",
      ports: {
        log,
        secrets: {
          get: async (key) => secrets.get(key),
          set: async (key, value) => {
            redactor.add([value]);
            secrets.set(key, value);
          },
          delete: async (key) => void secrets.delete(key),
        },
        network: directNetwork,
        clock: systemClock,
        random: Math.random,
      },
      parts: leaderDependencies,
      surroundings: { env: {}, platform: process.platform, home: path },
      redact: redactor.redact,
      secrets: redactor.secrets,
      onEvent: (event, data) => {
        (heard[event] as (typeof data)[]).push(data);
      },
      ...options,
      ...more,
    });
  let current = await start({});
  const clients: ControlClient[] = [];
  return {
    folder,
    get lead() {
      return current;
    },
    lines,
    secrets,
    heard,
    async client() {
      const address = await readAddress(folder.gateway);
      if (address === undefined) throw new Error("nobody leads");
      const client = await connectControl(address);
      clients.push(client);
      return client;
    },
    async again(more = {}) {
      await current.close(0);
      current = await start(more);
    },
    async close() {
      for (const client of clients) client.close();
      await current.close(0);
      await removeFolder(path);
    },
  };
}
