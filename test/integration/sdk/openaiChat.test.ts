/** The helpers of `openai` for chat completions on every kind of account. */
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import type {
  AbstractChatCompletionRunner,
  AbstractChatCompletionRunnerEvents as Events,
} from "openai/lib/AbstractChatCompletionRunner";
import { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { agentScene, TARGETS, told } from "../../support/matrix/agent.ts";
import { type Rig, startRig } from "../../support/matrix/rig.ts";
import { USAGE } from "../../support/matrix/scene.ts";

let rig: Rig;
let client: OpenAI;
beforeAll(async () => {
  rig = await startRig();
  client = new OpenAI({ apiKey: "client-key", baseURL: `${rig.portico.baseUrl}/v1`, maxRetries: 0 });
});
beforeEach(() => {
  rig.reset();
  // Which of its models take what on chat completions is for the client to know.
  rig.lenient = "openai-chat";
});
afterAll(() => rig.stop());

const CALLS = [
  { id: "call_1", name: "weather", args: { city: "Köln" } },
  { id: "call_2", name: "weather", args: { city: "Rom" } },
];
const LATER = [{ id: "call_3", name: "weather", args: { city: "Oslo" } }];
const ANSWER = "Warm, warm and cold.";
const City = z.object({ city: z.string(), degrees: z.number() });
const KOELN = { city: "Köln", degrees: 31.5 };
const IN_JSON = { text: JSON.stringify(KOELN), finish: "stop", usage: USAGE } as const;
const Place = z.object({ city: z.string() });

describe.each(TARGETS)("on $model", ({ model }) => {
  const params = { model, messages: [{ role: "user" as const, content: "How is the weather?" }] };
  const format = { ...params, response_format: zodResponseFormat(City, "city") };

  it("parse() gives structured output, and parsed arguments", async () => {
    rig.scene = IN_JSON;
    const whole = await client.chat.completions.parse(format);
    expect(whole.choices[0]?.message.parsed).toEqual(KOELN);
    expect(told(rig)).toContain('"degrees"');
    rig.scene = { calls: CALLS, finish: "tool-calls", usage: USAGE };
    const tools = [zodFunction({ name: "weather", parameters: Place })];
    const called = await client.chat.completions.parse({ ...params, tools });
    expect(called.choices[0]?.message.tool_calls).toMatchObject([
      { function: { parsed_arguments: { city: "Köln" } } },
      { function: { parsed_arguments: { city: "Rom" } } },
    ]);
    expect(rig.refused).toEqual([]);
  });

  it("parse() says that an answer was cut", async () => {
    rig.scene = { text: '{"city":"Kö', finish: "length", usage: USAGE };
    await expect(client.chat.completions.parse(format)).rejects.toThrow(/length limit/);
  });

  it("stream() tells of everything as it comes, and of the whole", async () => {
    // The helper takes a call for whole once another one begins, and here the pieces of several come in turn.
    rig.scene = { text: "Let me see.", calls: LATER, finish: "tool-calls", usage: USAGE };
    const tools = [zodFunction({ name: "weather", parameters: Place })];
    const stream = client.chat.completions.stream({
      ...params,
      tools,
      stream_options: { include_usage: true },
    });
    const seen = { content: "", done: "", calls: [] as unknown[], pieces: "", final: "" };
    stream.on("content", (delta) => {
      seen.content += delta;
    });
    stream.on("content.done", ({ content }) => {
      seen.done = content;
    });
    stream.on("tool_calls.function.arguments.delta", ({ arguments_delta }) => {
      seen.pieces += arguments_delta;
    });
    stream.on("tool_calls.function.arguments.done", ({ name, parsed_arguments }) => {
      seen.calls.push([name, parsed_arguments]);
    });
    stream.on("finalContent", (content) => {
      seen.final = content;
    });
    let chunks = 0;
    for await (const chunk of stream) chunks += chunk.object === "chat.completion.chunk" ? 1 : 0;
    expect(chunks).toBeGreaterThan(3);
    expect(seen).toMatchObject({ content: "Let me see.", done: "Let me see.", final: "Let me see." });
    expect(seen.calls).toEqual([["weather", { city: "Oslo" }]]);
    expect(seen.pieces).toBe('{"city":"Oslo"}');
    expect(await stream.finalFunctionToolCall()).toMatchObject({
      name: "weather",
      arguments: '{"city":"Oslo"}',
    });
    expect(await stream.finalMessage()).toMatchObject({ role: "assistant", content: "Let me see." });
    expect(await stream.totalUsage()).toMatchObject({
      prompt_tokens: USAGE.input,
      completion_tokens: USAGE.output,
    });
    expect((await stream.finalChatCompletion()).choices[0]?.finish_reason).toBe("tool_calls");
    expect(rig.refused).toEqual([]);
  });

  it("stream() parses, and goes on to a browser by toReadableStream()", async () => {
    rig.scene = IN_JSON;
    const stream = client.chat.completions.stream(format);
    const partial: unknown[] = [];
    stream.on("content.delta", ({ parsed }) => void partial.push(parsed));
    const copy = ChatCompletionStream.fromReadableStream(stream.toReadableStream());
    expect(await copy.finalContent()).toBe(IN_JSON.text);
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual(KOELN);
    expect(partial.at(-1)).toEqual(KOELN);
  });

  describe.each([false, true])("runTools() (stream: %s)", (stream) => {
    const weatherTool = (run: (city: string) => string) => ({
      type: "function" as const,
      function: {
        name: "weather",
        description: "Tells the weather",
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        parse: (json: string) => Place.parse(JSON.parse(json)),
        function: ({ city }: z.infer<typeof Place>) => run(city),
      },
    });
    const runner = (run: (city: string) => string): AbstractChatCompletionRunner<Events, unknown> => {
      const tools = [weatherTool(run)];
      return stream
        ? client.chat.completions.runTools({
            ...params,
            tools,
            stream,
            stream_options: { include_usage: true },
          })
        : client.chat.completions.runTools({ ...params, tools });
    };

    it("runs the tools until the answer is there", async () => {
      rig.next = agentScene([CALLS, LATER], ANSWER);
      const cities: string[] = [];
      const results: string[] = [];
      const run = runner((city) => {
        cities.push(city);
        return `In ${city} it is fine.`;
      });
      run.on("functionToolCallResult", (content) => void results.push(content));
      expect(await run.finalContent()).toBe(ANSWER);
      expect(cities).toEqual(["Köln", "Rom", "Oslo"]);
      expect(results).toHaveLength(3);
      expect(await run.totalUsage()).toMatchObject({ completion_tokens: 3 * USAGE.output });
      for (const words of ["In Köln it is fine.", "In Rom it", "In Oslo it"])
        expect(told(rig)).toContain(words);
      expect(rig.refused).toEqual([]);
    });
  });
});
