/** The helpers of `@google/genai` on every kind of account. */
import { type CallableTool, type FunctionCall, GoogleGenAI } from "@google/genai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { agentScene, TARGETS, told } from "../../support/matrix/agent.ts";
import { type Rig, startRig } from "../../support/matrix/rig.ts";
import { USAGE } from "../../support/matrix/scene.ts";
import { sendJson } from "../../support/upstream.ts";

let rig: Rig;
let ai: GoogleGenAI;
beforeAll(async () => {
  rig = await startRig();
  ai = new GoogleGenAI({ apiKey: "client-key", httpOptions: { baseUrl: rig.portico.baseUrl } });
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const CALLS = [
  { id: "call_1", name: "weather", args: { city: "Köln" } },
  { id: "call_2", name: "weather", args: { city: "Rom" } },
];
const LATER = [{ id: "call_3", name: "weather", args: { city: "Oslo" } }];
const ANSWER = "Warm, warm and cold.";
const RESULTS = ["In Köln it is fine.", "In Rom it is fine.", "In Oslo it is fine."];
const City = z.object({ city: z.string(), degrees: z.number() });
const KOELN = { city: "Köln", degrees: 31.5 };

/** A tool that the SDK runs by itself. */
class Weather implements CallableTool {
  readonly cities: unknown[] = [];

  async tool() {
    const parametersJsonSchema = {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
    };
    const description = "Tells the weather";
    return { functionDeclarations: [{ name: "weather", description, parametersJsonSchema }] };
  }

  async callTool(calls: FunctionCall[]) {
    return calls.map(({ id, name = "", args }) => {
      this.cities.push(args?.city);
      const response = { output: `In ${String(args?.city)} it is fine.` };
      return { functionResponse: { name, response, ...(id === undefined ? {} : { id }) } };
    });
  }
}

describe.each(TARGETS)("on $model", ({ model }) => {
  beforeEach(() => {
    rig.lenient = "gemini";
  });
  const contents = "How is the weather?";

  it("generateContent() calls functions by itself until the answer is there", async () => {
    rig.next = agentScene([CALLS, LATER], ANSWER);
    const weather = new Weather();
    const reply = await ai.models.generateContent({ model, contents, config: { tools: [weather] } });
    expect(reply.text).toBe(ANSWER);
    expect(weather.cities).toEqual(["Köln", "Rom", "Oslo"]);
    expect(reply.automaticFunctionCallingHistory?.length).toBeGreaterThanOrEqual(5);
    for (const words of [contents, ...RESULTS]) expect(told(rig)).toContain(words);
    expect(rig.refused).toEqual([]);
  });

  it("generateContentStream() calls functions by itself until the answer is there", async () => {
    rig.next = agentScene([CALLS, LATER], ANSWER);
    const weather = new Weather();
    const config = { tools: [weather] };
    let text = "";
    for await (const chunk of await ai.models.generateContentStream({ model, contents, config })) {
      text += chunk.text ?? "";
    }
    expect(text).toContain(ANSWER);
    expect(weather.cities).toEqual(["Köln", "Rom", "Oslo"]);
    for (const words of [contents, ...RESULTS]) expect(told(rig)).toContain(words);
    expect(rig.refused).toEqual([]);
  });

  it("chats remember what was said, streamed or not", async () => {
    const chat = ai.chats.create({ model, config: { systemInstruction: "Be brief." } });
    rig.scene = { text: "Hello Ida.", finish: "stop", usage: USAGE };
    expect((await chat.sendMessage({ message: "My name is Ida." })).text).toBe("Hello Ida.");
    rig.scene = { text: "A fine town, on the Danube.", finish: "stop", usage: USAGE };
    let text = "";
    for await (const chunk of await chat.sendMessageStream({ message: "I live in Ulm." })) text += chunk.text;
    expect(text).toBe("A fine town, on the Danube.");
    expect((await chat.sendMessage({ message: "Who am I?" })).usageMetadata?.promptTokenCount).toBe(
      USAGE.input,
    );
    const history = chat.getHistory(true);
    expect(history.map(({ role }) => role)).toContain("model");
    for (const words of [
      "Be brief.",
      "My name is Ida.",
      "Hello Ida.",
      "I live in Ulm.",
      "A fine town",
      "Who am I?",
    ])
      expect(told(rig)).toContain(words);
    expect(rig.refused).toEqual([]);
  });

  it("chats call functions by themselves", async () => {
    rig.next = agentScene([LATER], ANSWER);
    const weather = new Weather();
    const chat = ai.chats.create({ model, config: { tools: [weather] } });
    expect((await chat.sendMessage({ message: contents })).text).toBe(ANSWER);
    expect((await chat.sendMessage({ message: "Thanks." })).text).toBe(ANSWER);
    expect(weather.cities).toEqual(["Oslo"]);
    for (const words of [contents, "In Oslo it is fine.", ANSWER, "Thanks."])
      expect(told(rig)).toContain(words);
    expect(rig.refused).toEqual([]);
  });

  it.each(["responseJsonSchema", "responseSchema"])("gives JSON by a %s", async (field) => {
    rig.scene = { text: JSON.stringify(KOELN), finish: "stop", usage: USAGE };
    const schema =
      field === "responseJsonSchema"
        ? z.toJSONSchema(City)
        : {
            type: "OBJECT",
            properties: { city: { type: "STRING" }, degrees: { type: "NUMBER" } },
            required: ["city", "degrees"],
          };
    const config = { responseMimeType: "application/json", [field]: schema };
    const { text } = await ai.models.generateContent({ model, contents, config });
    expect(City.parse(JSON.parse(text ?? ""))).toEqual(KOELN);
    expect(told(rig)).toContain('"degrees"');
    expect(rig.refused).toEqual([]);
  });

  it("countTokens() counts more for more", async () => {
    rig.script = ({ url, body }, res) => {
      const tokens = Math.ceil(body.length / 4);
      if (url.includes("count_tokens")) sendJson(res, 200, { input_tokens: tokens });
      else if (url.includes(":countTokens")) sendJson(res, 200, { totalTokens: tokens });
      else sendJson(res, 404, { error: { message: "no such path" } });
    };
    const { totalTokens: few = 0 } = await ai.models.countTokens({ model, contents });
    const { totalTokens: many = 0 } = await ai.models.countTokens({ model, contents: contents.repeat(100) });
    expect(few).toBeGreaterThan(3);
    expect(many).toBeGreaterThan(few);
  });
});
