/** The gateway as `portico serve` runs it, with an account for each protocol of the benchmark's provider. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directNetwork, systemClock } from "../src/gateway/common/ports.ts";
import { createGateway } from "../src/gateway/gateway.ts";
import { openRecords } from "../src/gateway/records/records.ts";
import { settingsSchema } from "../src/gateway/settings/settings.ts";
import { reportUsage } from "./usage.ts";

const [, , upstream = "", kind = "plain"] = process.argv;
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: console.error };
const settings = settingsSchema.parse({
  port: 0,
  accounts: [
    {
      id: "bench",
      provider: "custom",
      endpoints: { "openai-chat": `${upstream}/v1` },
      credentials: { apiKey: "bench-key" },
      models: ["bench"],
    },
    {
      id: "bench-anthropic",
      provider: "custom",
      endpoints: { anthropic: upstream },
      credentials: { apiKey: "bench-key" },
      models: ["bench-anthropic"],
    },
  ],
});
const folder = kind === "recording" ? mkdtempSync(join(tmpdir(), "portico-bench-")) : undefined;
const records =
  folder === undefined
    ? undefined
    : openRecords({
        file: join(folder, "portico.db"),
        clock: systemClock,
        log,
        settings,
        account: (id) => ({ label: id, provider: "openai" }),
      });
const gateway = createGateway(
  settings,
  {
    log,
    secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
    network: directNetwork,
    clock: systemClock,
    random: Math.random,
  },
  records === undefined ? {} : { onRecord: (record) => records.add(record) },
);
const state = await gateway.start();
process.send?.({ port: state.kind === "running" ? state.port : 0 });
reportUsage();
process.on("exit", () => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});
process.on("SIGTERM", () => process.exit());
