/** What people build agents with, as programs of their own, on every kind of account. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../src/control/protocol.ts";
import { makeFolder, removeFolder } from "../support/folder.ts";
import { agentScene, TARGETS } from "../support/matrix/agent.ts";
import { type Rig, type Sent, startRig } from "../support/matrix/rig.ts";
import { HELLO, type Scene, USAGE } from "../support/matrix/scene.ts";
import { INSTALLED } from "./installed.ts";
import { runClient } from "./program.ts";

const WORDS = { hello: "Say hello.", weather: "How is the weather?", city: "Where is it warm?" };
const KOELN = { city: "Köln", degrees: 31.5 };
const ANSWER = "Warm, warm and cold.";
const CALLS = [
  { id: "call_1", name: "weather", args: { city: "Köln" } },
  { id: "call_2", name: "weather", args: { city: "Rom" } },
];
const LATER = [{ id: "call_3", name: "weather", args: { city: "Oslo" } }];
const HANDOFF = [{ id: "call_4", name: "transfer_to_Poet", args: {} }];
const CITIES = ["Köln", "Rom", "Oslo"];
/** LangChain counts without the reasoning that Gemini counts beside the answer. */
const saidTo = (client: Protocol) => ({
  text: HELLO.text,
  usage: [USAGE.input, USAGE.output - (client === "gemini" ? USAGE.reasoning : 0)],
});

/** Answers a question about a city in JSON, or by the function that is there for it. */
function inJson({ body }: Sent): Scene {
  if (!JSON.stringify(body.tools ?? []).includes('"city"'))
    return { text: JSON.stringify(KOELN), finish: "stop", usage: USAGE };
  const name = /"name":"(city|extract)"/.exec(JSON.stringify(body.tools))?.[1] ?? "city";
  return { calls: [{ id: "call_9", name, args: KOELN }], finish: "tool-calls", usage: USAGE };
}

const script =
  (rounds: Parameters<typeof agentScene>[0]) =>
  (sent: Sent): Scene | string => {
    const said = JSON.stringify(sent.body);
    if (said.includes(WORDS.weather)) return agentScene(rounds, ANSWER)(sent);
    return said.includes(WORDS.city) ? inJson(sent) : HELLO;
  };

let rig: Rig;
let home: string;
beforeAll(async () => {
  rig = await startRig();
  home = makeFolder("frameworks");
  await mkdir(join(home, "tmp"));
});
beforeEach(() => rig.reset());
afterAll(async () => {
  await rig.stop();
  await removeFolder(home);
});

async function run(program: string, client: Protocol): Promise<unknown> {
  const models = Object.fromEntries(TARGETS.map(({ model }) => [model, model]));
  rig.lenient = client;
  const task = { baseUrl: rig.portico.baseUrl, client, models, words: WORDS };
  const file = join(import.meta.dirname, "frameworks", `${program}.mjs`);
  const args = [file, JSON.stringify(task)];
  const command = { program: process.execPath, args, env: { PORTICO_TEST_CLIENTS: INSTALLED } };
  const { code, stdout, stderr } = await runClient(command, home, home);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** The same of every model. */
const everywhere = (expected: object) => Object.fromEntries(TARGETS.map(({ model }) => [model, expected]));

const isThere = (name: string) => existsSync(join(INSTALLED, "node_modules", name));

describe.skipIf(!isThere("@langchain/core"))("LangChain (installed by npm run test:clients)", () => {
  it.each<Protocol>(["openai-chat", "openai-responses", "anthropic", "gemini"])(
    "%s: text, streams, tools and structured output",
    async (client) => {
      rig.next = script([CALLS, LATER]);
      const said = saidTo(client);
      const tools = { text: ANSWER, cities: CITIES };
      expect(await run("langchain", client)).toEqual(
        everywhere({
          invoke: said,
          // LangChain adds up what Anthropic's stream tells at its beginning and at its end.
          stream: client === "anthropic" ? { text: HELLO.text, usage: expect.any(Array) } : said,
          tools,
          toolsStreamed: tools,
          structuredByFunction: KOELN,
          structuredBySchema: KOELN,
        }),
      );
      expect(rig.refused).toEqual([]);
    },
  );
});

describe.skipIf(!isThere("@openai/agents"))("@openai/agents (installed by npm run test:clients)", () => {
  it.each<Protocol>(["openai-chat", "openai-responses"])(
    "%s: an agent with a tool and a handoff, streamed or not, and structured output",
    async (client) => {
      rig.next = script([CALLS, LATER, HANDOFF]);
      const done = { text: ANSWER, cities: CITIES, agent: "Poet" };
      expect(await run("agents", client)).toEqual(
        everywhere({
          tools: { ...done, streamed: false },
          toolsStreamed: { ...done, streamed: true },
          structured: KOELN,
        }),
      );
      expect(rig.refused).toEqual([]);
    },
  );
});
