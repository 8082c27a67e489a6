/**
 * A process of its own that shares a data folder. Each line on its input is a round: how many hours
 * the clock is ahead, and how many requests want the account's token at once. Answers with what they got.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createCredentials } from "../../../src/gateway/accounts/credentials/credentials.ts";
import { folderLock } from "../../../src/gateway/accounts/credentials/lock.ts";
import { openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { directNetwork, type Log, systemClock } from "../../../src/gateway/common/ports.ts";
import { createSecretsFile } from "../../../src/gateway/config/secretsFile.ts";

const [path = "", base = ""] = process.argv.slice(2);
const folder = await openDataFolder(path);
const lock = folderLock(folder.locks);
const lines: string[] = [];
const line = (message: string) => void lines.push(message);
const log: Log = { debug: line, info: line, warn: line, error: line };
let hours = 0;
const { tokens } = createCredentials(
  {
    log,
    secrets: createSecretsFile(join(folder.path, "secrets.json"), lock),
    network: directNetwork,
    clock: { ...systemClock, now: () => Date.now() + hours * 3_600_000 },
    random: Math.random,
    lock,
  },
  {
    google: {
      issuer: base,
      authorizationUrl: `${base}/authorize`,
      tokenUrl: `${base}/token`,
      revocationUrl: `${base}/revoke`,
    },
  },
);

const account = { id: "shared", label: "Shared" };
for await (const round of createInterface({ input: process.stdin })) {
  const [ahead = 0, requests = 0] = round.split(" ").map(Number);
  hours = ahead;
  const got = await Promise.all(
    Array.from({ length: requests }, async () => {
      try {
        const key = await tokens.keyFor(account);
        return typeof key === "object" ? (key.key ?? "none") : "none";
      } catch (error) {
        return `failed: ${String(error)}`;
      }
    }),
  );
  process.stdout.write(`${JSON.stringify({ got, lines: lines.splice(0) })}\n`);
}
