/** The gateway as `portico serve` runs it, with an account for each protocol of the benchmark's provider. */
import { createGateway } from "../src/gateway/gateway.ts";
import { directNetwork, systemClock } from "../src/gateway/ports.ts";
import { settingsSchema } from "../src/gateway/settings.ts";
import { reportUsage } from "./usage.ts";

const upstream = process.argv[2] ?? "";
const quiet = () => {};
const gateway = createGateway(
  settingsSchema.parse({
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
  }),
  {
    log: { debug: quiet, info: quiet, warn: quiet, error: console.error },
    secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
    network: directNetwork,
    clock: systemClock,
    random: Math.random,
  },
);
const state = await gateway.start();
process.send?.({ port: state.kind === "running" ? state.port : 0 });
reportUsage();
