/** One agent, one gateway, one provider, and a file to work on. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SettingsInput } from "../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "../support/folder.ts";
import type { PreparedAgent } from "./agents/agent.ts";
import { type RunningGateway, startGateway } from "./gateway.ts";
import { INSTALLED } from "./installed.ts";
import { type Ended, runClient } from "./program.ts";
import { fileText, newWord, PROMPTS, type Task } from "./task.ts";
import { PROVIDER_KEY, type Provider, startProvider } from "./upstream.ts";
import type { Wire } from "./wires/wire.ts";

/** The server of tools, one of which tells the word. */
const VAULT = join(import.meta.dirname, "vault.mjs");

export const GATEWAY_KEY = "gateway-key-of-the-test";

export interface Session {
  readonly ended: Ended;
  /** The gateway's exit code: 0 after a stop in good order. */
  readonly gatewayCode: number | null;
  readonly provider: Provider;
  readonly gateway: RunningGateway;
  /** The secret word that was in the file. */
  readonly word: string;
  /** The file's text afterwards. */
  readonly after: string;
  /** All there is to know when something failed. */
  readonly story: string;
}

export interface SessionOptions {
  readonly agent: PreparedAgent;
  readonly wire: Wire;
  readonly kind: Task["kind"];
  readonly auth?: SettingsInput["auth"];
  /** What the client shows the gateway. */
  readonly key?: string;
}

/** Lets the agent do the task, and `judge` look at what happened before everything is cleaned up. */
export async function session(
  { agent, wire, kind, auth = {}, key = "whatever-key" }: SessionOptions,
  judge: (session: Session) => void,
): Promise<void> {
  const folder = makeFolder("client");
  try {
    const home = join(folder, "home");
    const project = join(folder, "project");
    await mkdir(join(home, "tmp"), { recursive: true });
    await mkdir(project);
    const file = join(project, "secret.txt");
    const word = newWord();
    await writeFile(file, fileText(word));
    const sameProtocol = agent.protocol === wire.protocol;
    await using provider = await startProvider({ agent, wire, task: { kind, file }, strict: !sameProtocol });
    await using gateway = await startGateway(folder, {
      auth,
      accounts: [
        {
          id: "up",
          provider: "custom",
          endpoints: { [wire.protocol]: provider.url },
          credentials: { apiKey: PROVIDER_KEY },
          models: ["*"],
        },
      ],
      routes: sameProtocol ? [] : [{ model: "*", to: [`up/${wire.model}`] }],
    });
    const { baseUrl } = gateway;
    const command = await agent.prepare({
      installed: INSTALLED,
      home,
      project,
      baseUrl,
      key,
      prompt: PROMPTS[kind],
      ...(kind === "find" ? { mcpServer: [process.execPath, VAULT, word] } : {}),
    });
    const ended = await runClient(command, home, project);
    const gatewayCode = await gateway.finish();
    const after = await readFile(file, "utf8");
    const story = [
      `exit code ${ended.code}${ended.timedOut ? ", out of time" : ""}`,
      `stdout: ${ended.stdout.slice(-4000)}`,
      `stderr: ${ended.stderr.slice(-4000)}`,
      `gateway: ${gateway.log().slice(-4000)}`,
      `provider: ${provider.requests.length} requests; ${provider.problems.join("\n  ")}`,
    ].join("\n");
    judge({ ended, gatewayCode, provider, gateway, word, after, story });
  } finally {
    await removeFolder(folder);
  }
}
