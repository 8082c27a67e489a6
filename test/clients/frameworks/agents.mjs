// An agent of `@openai/agents` with a tool, a handoff and an answer in JSON.
import { load, report, task } from "./cases.mjs";

const { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } = load("@openai/agents");
const z = load("zod");

setTracingDisabled(true);
const { baseUrl, client, words } = task;
const modelProvider = new OpenAIProvider({
  apiKey: "client-key",
  baseURL: `${baseUrl}/v1`,
  useResponses: client === "openai-responses",
});
const runner = new Runner({ modelProvider, tracingDisabled: true });

async function weatherAgents(model, stream) {
  const cities = [];
  const weather = tool({
    name: "weather",
    description: "Tells the weather",
    parameters: z.object({ city: z.string() }),
    execute: ({ city }) => {
      cities.push(city);
      return `In ${city} it is fine.`;
    },
  });
  const poet = new Agent({ name: "Poet", instructions: "Answer in verse.", model });
  const first = new Agent({
    name: "Clerk",
    instructions: "Be brief.",
    model,
    tools: [weather],
    handoffs: [poet],
  });
  const result = await runner.run(first, words.weather, { stream, maxTurns: 6 });
  let text = "";
  if (stream) {
    for await (const piece of result.toTextStream({ compatibleWithNodeStreams: true })) text += piece;
    await result.completed;
  }
  const { finalOutput, lastAgent } = result;
  return {
    text: finalOutput,
    streamed: stream && text.endsWith(finalOutput),
    cities,
    agent: lastAgent?.name,
  };
}

await report({
  tools: (model) => weatherAgents(model, false),
  toolsStreamed: (model) => weatherAgents(model, true),
  structured: async (model) => {
    const outputType = z.object({ city: z.string(), degrees: z.number() });
    const agent = new Agent({ name: "Clerk", instructions: "Be brief.", model, outputType });
    return (await runner.run(agent, words.city)).finalOutput;
  },
});
