/** Gateways of one pool as processes of their own, and whoever asks them. */
import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { MOST_LEASED } from "../../../src/gateway/pool/counter.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { REPLIES } from "../../support/replies.ts";
import { sendJson, startUpstream } from "../../support/upstream.ts";
import { type Program, start } from "../cli/program.ts";

export const SECRET = "one-pool-0123456789";
/** Of a pool, but for the engine's address. */
export const POOL = { secret: SECRET, name: "test", timeZone: "UTC", whenAway: "share" } as const;
/** Milliseconds for what comes from outside of a request; nothing waits for so long. */
export const PATIENCE_MS = 60_000;

export interface Member extends AsyncDisposable {
  readonly url: string;
  readonly program: Program;
}

/** @param folder a scratch folder @param name of the gateway's own folder in it @param file of the program; the sources by default */
export async function startMember(
  folder: string,
  name: string,
  settings: SettingsInput,
  env: NodeJS.ProcessEnv = {},
  file?: string,
): Promise<Member> {
  const config = join(folder, `${name}.json`);
  writeFileSync(config, JSON.stringify({ port: 0, ...settings }));
  const data = join(folder, name);
  const program = start(["serve", "--config", config, "--data-dir", data, "--no-dashboard"], env, file);
  const url = await program.ready();
  return { url, program, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** A provider on this computer that answers everything at once. */
export async function startProvider() {
  const provider = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  return {
    account: {
      id: "own",
      provider: "custom",
      endpoints: { "openai-chat": `${provider.url}/v1` },
      credentials: { apiKey: "sk-pool-0123456789" },
      models: ["m-1"],
    } satisfies NonNullable<SettingsInput["accounts"]>[number],
    get asked() {
      return provider.received.length;
    },
    [Symbol.asyncDispose]: () => provider.close(),
  };
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

const BODY = JSON.stringify({ model: "m-1", messages: [{ role: "user", content: "Hello" }] });

export function ask(url: string, agent: http.Agent, key?: string): Promise<Answered> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    const request = http.request(
      `${url}/v1/chat/completions`,
      { method: "POST", agent, headers },
      (reply) => {
        let body = "";
        reply.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        reply.on("end", () =>
          resolve({ status: reply.statusCode ?? 0, body, ms: performance.now() - began }),
        );
        reply.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(BODY);
  });
}

/** So many requests, so many of them at once. @param each is told of each */
export async function load(
  url: string,
  { count, atOnce, key }: { count: number; atOnce: number; key?: string },
  each: (answered: Answered) => void = () => {},
): Promise<Answered[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  const answers: Answered[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const answered = await ask(url, agent, key);
        answers.push(answered);
        each(answered);
      }
    }),
  );
  agent.destroy();
  return answers;
}

/**
 * Requests that may be let in: not one more than the limit, unless a computer that is busy kept the engine's answers from a
 * gateway for so long that it was away.
 */
export function mostOf(limit: number, members: readonly Member[]): number {
  const wereAway = members.filter(({ program }) => program.stderr().includes("is away"));
  return limit + members.length * (wereAway.length > 0 ? MOST_LEASED : 0);
}

/** Resolves when it is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
