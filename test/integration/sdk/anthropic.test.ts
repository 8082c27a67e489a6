/** The helpers of `@anthropic-ai/sdk` on every kind of account. */
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { agentScene, TARGETS, told } from "../../support/matrix/agent.ts";
import { type Rig, startRig } from "../../support/matrix/rig.ts";
import { USAGE } from "../../support/matrix/scene.ts";
import { sendJson } from "../../support/upstream.ts";

let rig: Rig;
let client: Anthropic;
beforeAll(async () => {
  rig = await startRig();
  client = new Anthropic({ apiKey: "client-key", baseURL: rig.portico.baseUrl, maxRetries: 0 });
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const CALLS = [
  { id: "call_1", name: "weather", args: { city: "Köln" } },
  { id: "call_2", name: "weather", args: { city: "Rom" } },
];
const LATER = [{ id: "call_3", name: "weather", args: { city: "Oslo" } }];
const ANSWER = "Warm, warm and cold.";
const asked = { role: "user" as const, content: "How is the weather?" };
const City = z.object({ city: z.string(), degrees: z.number() });
const IN_JSON = { text: '{"city":"Köln","degrees":31.5}', finish: "stop", usage: USAGE } as const;

describe.each(TARGETS)("on $model", ({ model }) => {
  const params = { model, max_tokens: 500, messages: [asked] };

  describe.each([false, true])("toolRunner (stream: %s)", (stream) => {
    it("runs the tools until the answer is there", async () => {
      rig.next = agentScene([CALLS, LATER], ANSWER);
      const cities: string[] = [];
      const weather = betaZodTool({
        name: "weather",
        description: "Tells the weather",
        inputSchema: z.object({ city: z.string() }),
        run: ({ city }) => {
          cities.push(city);
          return `In ${city} it is fine.`;
        },
      });
      const runner = client.beta.messages.toolRunner({
        ...params,
        system: "Be brief.",
        tools: [weather],
        max_iterations: 5,
        stream,
      });
      const final = await runner.runUntilDone();
      expect(final.content).toMatchObject([{ type: "text", text: ANSWER }]);
      expect(cities).toEqual(["Köln", "Rom", "Oslo"]);
      expect(rig.refused).toEqual([]);
      // The model sees all of the conversation, whoever holds it.
      for (const words of ["Be brief.", asked.content, "In Köln it is fine.", "In Rom it", "In Oslo it"])
        expect(told(rig)).toContain(words);
    });
  });

  it("toolRunner tells the model what a tool failed of", async () => {
    rig.next = agentScene([LATER], ANSWER);
    const weather = betaZodTool({
      name: "weather",
      description: "Tells the weather",
      inputSchema: z.object({ city: z.string() }),
      run: () => {
        throw new Error("the station is off");
      },
    });
    const runner = client.beta.messages.toolRunner({ ...params, tools: [weather], max_iterations: 5 });
    expect((await runner).content).toMatchObject([{ text: ANSWER }]);
    expect(told(rig)).toContain("the station is off");
    expect(rig.refused).toEqual([]);
  });

  it("thread() goes on where it was, turn by turn", async () => {
    const { messages: _messages, ...fields } = params;
    const thread = client.beta.messages.thread({ ...fields, system: "Be brief." });
    for (const [turn, words] of ["My name is Ida.", "I live in Ulm.", "Who am I?"].entries()) {
      rig.scene = { text: `Answer ${turn}.`, finish: "stop", usage: USAGE };
      const sent = { role: "user" as const, content: words };
      const reply = turn === 1 ? await thread.stream(sent).finalMessage() : await thread.send(sent);
      expect(reply.content).toMatchObject([{ type: "text", text: `Answer ${turn}.` }]);
    }
    for (const words of [
      "Be brief.",
      "My name is Ida.",
      "Answer 0.",
      "I live in Ulm.",
      "Answer 1.",
      "Who am I?",
    ])
      expect(told(rig)).toContain(words);
    expect(rig.refused).toEqual([]);
  });

  it("stream() tells of text and calls as they come, and of the whole", async () => {
    rig.scene = { text: "Let me see.", calls: CALLS, finish: "tool-calls", usage: USAGE };
    const tools = [{ name: "weather", input_schema: { type: "object" as const, properties: {} } }];
    const stream = client.messages.stream({ ...params, tools });
    const seen = { text: "", json: [] as unknown[], blocks: [] as string[] };
    stream.on("text", (delta) => {
      seen.text += delta;
    });
    stream.on("contentBlock", (block) => void seen.blocks.push(block.type));
    stream.on("inputJson", (_delta, snapshot) => {
      seen.json.push(snapshot);
    });
    const final = await stream.finalMessage();
    expect(seen).toMatchObject({ text: "Let me see.", blocks: ["text", "tool_use", "tool_use"] });
    expect(seen.json.at(-1)).toEqual({ city: "Rom" });
    expect(await stream.finalText()).toBe("Let me see.");
    expect(final.stop_reason).toBe("tool_use");
    expect(final.content.flatMap((block) => (block.type === "tool_use" ? [block.input] : []))).toEqual([
      { city: "Köln" },
      { city: "Rom" },
    ]);
    expect(final.usage.output_tokens).toBe(USAGE.output);
    expect(rig.refused).toEqual([]);
  });

  it("parse() and stream() give structured output as the schema has it", async () => {
    rig.scene = IN_JSON;
    const format = { ...params, output_config: { format: zodOutputFormat(City) } };
    expect((await client.messages.parse(format)).parsed_output).toEqual({ city: "Köln", degrees: 31.5 });
    expect(told(rig)).toContain('"degrees"');
    const streamed = await client.messages.stream(format).finalMessage();
    expect(streamed.parsed_output).toEqual({ city: "Köln", degrees: 31.5 });
    const beta = await client.beta.messages.parse(format);
    expect(beta.parsed_output).toEqual({ city: "Köln", degrees: 31.5 });
    expect(rig.refused).toEqual([]);
  });

  it("countTokens() counts more for more", async () => {
    rig.script = ({ url, body }, res) => {
      const tokens = Math.ceil(body.length / 4);
      if (url.includes("count_tokens")) sendJson(res, 200, { input_tokens: tokens });
      else if (url.includes(":countTokens")) sendJson(res, 200, { totalTokens: tokens });
      else sendJson(res, 404, { error: { message: "no such path" } });
    };
    const { input_tokens: few } = await client.messages.countTokens({ model, messages: [asked] });
    expect(few).toBeGreaterThan(3);
    const many = await client.beta.messages.countTokens({
      model,
      system: "Be brief. ".repeat(200),
      messages: [asked],
    });
    expect(many.input_tokens).toBeGreaterThan(few);
  });
});
