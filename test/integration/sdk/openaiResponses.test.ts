/** The helpers of `openai` for responses on every kind of account. */
import OpenAI from "openai";
import { ResponsesToolRunner, runnerFunction } from "openai/helpers/responses-tool-runner";
import { zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import { ResponseStream } from "openai/lib/responses/ResponseStream";
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
beforeEach(() => rig.reset());
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
  const params = { model, input: "How is the weather?" };
  const format = { ...params, text: { format: zodTextFormat(City, "city") } };

  it("parse() gives structured output, and parsed arguments", async () => {
    rig.scene = IN_JSON;
    const whole = await client.responses.parse(format);
    expect(whole.output_parsed).toEqual(KOELN);
    expect(whole.output_text).toBe(IN_JSON.text);
    expect(told(rig)).toContain('"degrees"');
    rig.scene = { calls: CALLS, finish: "tool-calls", usage: USAGE };
    const tools = [zodResponsesFunction({ name: "weather", parameters: Place })];
    const called = await client.responses.parse({ ...params, tools });
    const args = called.output.flatMap((item) =>
      item.type === "function_call" ? [item.parsed_arguments as unknown] : [],
    );
    expect(args).toEqual([{ city: "Köln" }, { city: "Rom" }]);
    expect(rig.refused).toEqual([]);
  });

  it("parse() hands a refusal over as one", async () => {
    rig.scene = { text: "I would rather not.", finish: "refusal", usage: USAGE };
    const { output, output_parsed, status } = await client.responses.parse(format);
    expect(output_parsed).toBeNull();
    const parts = output.flatMap((item) => (item.type === "message" ? item.content : []));
    // The others' refusals have no words of their own here.
    if (!model.startsWith("openai")) expect(status).toBe("incomplete");
    else expect(parts).toMatchObject([{ type: "refusal", refusal: "I would rather not." }]);
  });

  it("stream() tells of everything as it comes, and of the whole", async () => {
    rig.scene = { text: "Let me see.", calls: CALLS, finish: "tool-calls", usage: USAGE };
    const tools = [zodResponsesFunction({ name: "weather", parameters: Place })];
    const stream = client.responses.stream({ ...params, tools });
    const seen = { text: "", snapshot: "", args: [] as string[], types: new Set<string>() };
    stream.on("event", ({ type }) => void seen.types.add(type));
    stream.on("response.output_text.delta", ({ delta, snapshot }) => {
      seen.text += delta;
      seen.snapshot = snapshot;
    });
    stream.on("response.function_call_arguments.done", (event) => void seen.args.push(event.arguments));
    const final = await stream.finalResponse();
    expect(seen).toMatchObject({ text: "Let me see.", snapshot: "Let me see." });
    expect(seen.args).toEqual(['{"city":"Köln"}', '{"city":"Rom"}']);
    for (const type of ["response.created", "response.output_item.added", "response.output_item.done"])
      expect(seen.types).toContain(type);
    const args = final.output.flatMap((item) =>
      item.type === "function_call" ? [item.parsed_arguments as unknown] : [],
    );
    expect(args).toEqual([{ city: "Köln" }, { city: "Rom" }]);
    expect(final.output_text).toBe("Let me see.");
    expect(final.usage).toMatchObject({ input_tokens: USAGE.input, output_tokens: USAGE.output });
    expect(rig.refused).toEqual([]);
  });

  it("stream() parses, also what goes on to a browser", async () => {
    rig.scene = IN_JSON;
    expect((await client.responses.stream(format).finalResponse()).output_parsed).toEqual(KOELN);
    const raw = await client.responses.create({ ...format, stream: true });
    const copy = ResponseStream.fromReadableStream(raw.toReadableStream());
    expect((await copy.finalResponse()).output_text).toBe(IN_JSON.text);
  });

  describe.each([{ stream: false }, { stream: true }, { stream: true, eager: true }])(
    "ResponsesToolRunner (%o)",
    (how) => {
      it("runs the tools until the answer is there", async () => {
        rig.next = agentScene([CALLS, LATER], ANSWER);
        const cities: string[] = [];
        const weather = zodResponsesFunction({
          name: "weather",
          parameters: Place,
          function: ({ city }) => {
            cities.push(city);
            return `In ${city} it is fine.`;
          },
        });
        const runner = new ResponsesToolRunner({ functions: [runnerFunction(weather)] });
        const final = await runner.run(client, params, { ...how, maxSteps: 6 });
        expect(final.output_text).toBe(ANSWER);
        expect(cities).toEqual(["Köln", "Rom", "Oslo"]);
        for (const words of [params.input, "In Köln it is fine.", "In Rom it", "In Oslo it"])
          expect(told(rig)).toContain(words);
        expect(rig.refused).toEqual([]);
      });
    },
  );
});
