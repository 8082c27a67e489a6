// LangChain's chat models, each as its own package makes them.
import { load, report, task } from "./cases.mjs";

const { ChatOpenAI } = load("@langchain/openai");
const { ChatAnthropic } = load("@langchain/anthropic");
const { ChatGoogleGenerativeAI } = load("@langchain/google-genai");
const { tool } = load("@langchain/core/tools");
const { HumanMessage, SystemMessage } = load("@langchain/core/messages");
const z = load("zod");

const { baseUrl, client, words } = task;
const apiKey = "client-key";
const openai = (useResponsesApi) => (model) =>
  new ChatOpenAI({
    model,
    apiKey,
    useResponsesApi,
    maxRetries: 0,
    configuration: { baseURL: `${baseUrl}/v1` },
  });
const MODELS = {
  "openai-chat": openai(false),
  "openai-responses": openai(true),
  anthropic: (model) =>
    new ChatAnthropic({ model, apiKey, maxRetries: 0, maxTokens: 500, anthropicApiUrl: baseUrl }),
  gemini: (model) => new ChatGoogleGenerativeAI({ model, apiKey, baseUrl, maxRetries: 0 }),
};
const chat = MODELS[client];

const City = z.object({ city: z.string(), degrees: z.number() });
const weather = tool(({ city }) => `In ${city} it is fine.`, {
  name: "weather",
  description: "Tells the weather",
  schema: z.object({ city: z.string() }),
});

/** Runs tools until the model has said its answer. */
async function loop(model, ask) {
  const messages = [new SystemMessage("Be brief."), new HumanMessage(words.weather)];
  const bound = chat(model).bindTools([weather]);
  const cities = [];
  for (let turn = 0; turn < 5; turn++) {
    const reply = await ask(bound, messages);
    messages.push(reply);
    if (!reply.tool_calls?.length) return { text: reply.text, cities };
    for (const call of reply.tool_calls) {
      cities.push(call.args.city);
      messages.push(await weather.invoke(call));
    }
  }
  throw new Error("the model never came to an end");
}

async function streamed(bound, messages) {
  let whole;
  for await (const chunk of await bound.stream(messages))
    whole = whole === undefined ? chunk : whole.concat(chunk);
  return whole;
}

const structured = (method) => (model) =>
  chat(model).withStructuredOutput(City, { method, name: "city" }).invoke(words.city);

await report({
  invoke: async (model) => {
    const { text, usage_metadata: usage } = await chat(model).invoke(words.hello);
    return { text, usage: [usage.input_tokens, usage.output_tokens] };
  },
  stream: async (model) => {
    const { text, usage_metadata: usage } = await streamed(chat(model), words.hello);
    return { text, usage: [usage.input_tokens, usage.output_tokens] };
  },
  tools: (model) => loop(model, (bound, messages) => bound.invoke(messages)),
  toolsStreamed: (model) => loop(model, streamed),
  structuredByFunction: structured("functionCalling"),
  structuredBySchema: structured("jsonSchema"),
});
