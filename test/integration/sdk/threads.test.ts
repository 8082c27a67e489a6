/** Threads of Anthropic's in a pool: an account that does not hold one never answers a part of a conversation alone. */
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { HeldThreads } from "../../support/matrix/threads.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

type Body = Record<string, unknown>;

interface Holder {
  readonly upstream: Upstream;
  readonly threads: HeldThreads;
  /** What its model saw, request by request. */
  readonly seen: string[];
  limited: boolean;
}

let holders: Holder[] = [];
let portico: TestGateway | undefined;
beforeEach(() => {
  holders = [];
});
afterEach(async () => {
  await portico?.stop();
  await Promise.all(holders.map(({ upstream }) => upstream.close()));
});

/** @param holds does it keep threads, or pass over the wish as providers that speak its protocol do? */
async function holder(holds: boolean): Promise<Holder> {
  const name = `h${holders.length}`;
  const threads = new HeldThreads();
  const upstream = await startUpstream(({ body }, res) => {
    if (made.limited) {
      const error = { type: "rate_limit_error", message: "Slow down." };
      sendJson(res, 429, { type: "error", error }, { "retry-after": "60" });
      return;
    }
    const said = JSON.parse(body.toString()) as Body;
    const whole = holds ? threads.whole(said) : { body: said };
    if ("error" in whole) {
      sendJson(res, whole.status, whole.error);
      return;
    }
    made.seen.push(JSON.stringify(whole.body));
    const id = `msg_${name}_${made.seen.length}`;
    const content = [{ type: "text", text: `Answer of ${name}.` }];
    if (holds && said.thread !== undefined) threads.hold(id, whole.body, content);
    const usage = { input_tokens: 10, output_tokens: 5 };
    const reply = { id, type: "message", role: "assistant", model: "m", content, stop_sequence: null, usage };
    sendJson(res, 200, { ...reply, stop_reason: "end_turn" });
  });
  const made: Holder = { upstream, threads, seen: [], limited: false };
  holders.push(made);
  return made;
}

async function gateway(
  providers: readonly ("anthropic" | "deepseek" | "custom")[],
  settings: SettingsInput = {},
  priorities: readonly number[] = [],
): Promise<Anthropic> {
  portico = await startGateway({
    ...settings,
    accounts: holders.map(({ upstream }, at) => ({
      id: `h${at}`,
      provider: providers[at] ?? "anthropic",
      endpoints: { anthropic: upstream.url },
      credentials: { apiKey: `key-of-h${at}` },
      models: ["claude-opus-5"],
      priority: priorities[at] ?? 0,
    })),
  });
  return new Anthropic({ apiKey: "client-key", baseURL: portico.baseUrl, maxRetries: 0 });
}

const WORDS = ["I am Ida.", "I live in Ulm.", "I have a cat.", "Who am I?"];
const open = (client: Anthropic) =>
  client.beta.messages.thread({ model: "claude-opus-5", max_tokens: 100, system: "Be brief." });

describe("a thread", () => {
  it("stays at the account that holds it, and brings its new messages alone", async () => {
    const made = [await holder(true), await holder(true)];
    const client = await gateway(["anthropic", "anthropic"], { scheduling: { strategy: "round-robin" } });
    const threads = [open(client), open(client)];
    for (const content of WORDS) for (const thread of threads) await thread.send({ role: "user", content });
    for (const { seen, upstream } of made) {
      expect(seen).toHaveLength(WORDS.length);
      for (const words of ["Be brief.", ...WORDS]) expect(seen.at(-1)).toContain(words);
      const last = upstream.received.at(-1)?.body.toString();
      expect(last).toContain('"continue"');
      expect(last).not.toContain(WORDS[0]);
      // Nobody was asked for a thread of somebody else.
      expect(upstream.received).toHaveLength(WORDS.length);
    }
  });

  it("is told whole to the account that takes over", async () => {
    const first = await holder(true);
    const second = await holder(true);
    const client = await gateway(["anthropic", "anthropic"], {}, [1, 0]);
    const thread = open(client);
    await thread.send({ role: "user", content: WORDS[0] ?? "" });
    first.limited = true;
    for (const content of WORDS.slice(1)) await thread.send({ role: "user", content });
    expect(first.seen).toHaveLength(1);
    for (const words of ["Be brief.", ...WORDS]) expect(second.seen.at(-1)).toContain(words);
    expect(second.upstream.received.at(-1)?.body.toString()).toContain('"continue"');
  });

  it("begins anew where its provider has forgotten it, which holds nobody back", async () => {
    const made = await holder(true);
    const client = await gateway(["anthropic"]);
    const thread = open(client);
    for (const content of WORDS) {
      await thread.send({ role: "user", content });
      made.threads.forget();
    }
    expect(made.seen).toHaveLength(WORDS.length);
    for (const words of ["Be brief.", ...WORDS]) expect(made.seen.at(-1)).toContain(words);
    expect(portico?.gateway.pool.snapshot().health).toEqual([]);
  });

  it.each(["deepseek", "custom"] as const)(
    "is told whole to %s in every turn, which speaks the protocol and holds nothing",
    async (provider) => {
      const made = await holder(false);
      const client = await gateway([provider]);
      const thread = open(client);
      for (const content of WORDS) await thread.send({ role: "user", content });
      for (const words of ["Be brief.", ...WORDS]) expect(made.seen.at(-1)).toContain(words);
      expect(made.seen).toHaveLength(WORDS.length);
    },
  );

  it("is no reason not to count tokens", async () => {
    await holder(false);
    await gateway(["deepseek"]);
    const reply = await fetch(`${portico?.baseUrl}/v1/messages/count_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "client-key" },
      body: JSON.stringify({
        model: "claude-opus-5",
        messages: [{ role: "user", content: "Who am I?" }],
        thread: { type: "continue", previous_message_id: "msg_of_nobody" },
      }),
    });
    expect(reply.status).toBe(200);
  });

  it("keeps the system prompt that a route puts in front of it, and sends it once", async () => {
    const made = await holder(true);
    const client = await gateway(["anthropic"], {
      routes: [{ model: "claude-opus-5", to: ["h0/claude-opus-5"], edit: { systemPrefix: "Speak Latin." } }],
    });
    const thread = open(client);
    for (const content of WORDS) await thread.send({ role: "user", content });
    expect(made.seen).toHaveLength(WORDS.length);
    expect(made.seen.at(-1)?.split("Speak Latin.")).toHaveLength(2);
  });
});
