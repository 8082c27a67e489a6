/** A real gateway on a free loopback port, for tests. Its end looks for secrets in what it said. */

import { directNetwork, type Ports, systemClock } from "../../src/gateway/common/ports.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/gateway.ts";
import type { RequestRecord } from "../../src/gateway/records/record.ts";
import { type SettingsInput, settingsSchema } from "../../src/gateway/settings/settings.ts";
import { leaksIn } from "./secrets.ts";

export interface TestGateway {
  readonly gateway: Gateway;
  readonly baseUrl: string;
  readonly port: number;
  /** Every finished request. */
  readonly records: RequestRecord[];
  /** Every line of the log. */
  readonly log: string[];
  /** Resolves when a request that matches is over. */
  recorded(matches?: (record: RequestRecord) => boolean): Promise<RequestRecord>;
  stop(): Promise<void>;
}

export async function startGateway(
  settings: SettingsInput = {},
  ports: Partial<Ports> = {},
  options: GatewayOptions = {},
): Promise<TestGateway> {
  const records: RequestRecord[] = [];
  const waiting = new Set<(record: RequestRecord) => void>();
  const log: string[] = [];
  const line = (level: string) => (message: string) => {
    if (log.length < 10_000) log.push(`${level} ${message}`);
  };
  const gateway = createGateway(
    settingsSchema.parse({
      port: 0,
      ...settings,
      // Tests of what is refused do not want to wait for it.
      scheduling: { waitMs: 0, ...settings.scheduling },
    }),
    {
      log: { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") },
      secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
      network: directNetwork,
      clock: systemClock,
      random: () => 0.5,
      ...ports,
    },
    {
      ...options,
      onRecord: (record) => {
        options.onRecord?.(record);
        if (records.length < 1000) records.push(record);
        for (const listener of waiting) listener(record);
      },
    },
  );
  const state = await gateway.start();
  if (state.kind !== "running") throw new Error(JSON.stringify(state));
  return {
    gateway,
    baseUrl: state.baseUrl,
    port: state.port,
    records,
    log,
    recorded(matches = () => true) {
      const found = records.find(matches);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve) => {
        const listener = (record: RequestRecord) => {
          if (!matches(record)) return;
          waiting.delete(listener);
          resolve(record);
        };
        waiting.add(listener);
      });
    },
    async stop() {
      await gateway.stop(0);
      const said = JSON.stringify([gateway.problems, gateway.pool.snapshot(), gateway.pool.standing()]);
      const leaks = [
        ...leaksIn("the log", log.join("\n")),
        ...leaksIn("a record", JSON.stringify(records)),
        ...leaksIn("the state", said),
      ];
      if (leaks.length > 0) throw new Error(`secrets got out: ${leaks.join("; ")}`);
    },
  };
}
