/**
 * What the compliance suite of https://www.openresponses.org asks of a server and of its replies, on every kind of
 * account: the seven requests that it sends, the 31 keys that each response object needs, its items and its events.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { MODELS, type Rig, sseEvents, startRig } from "../../support/matrix/rig.ts";
import { type ByProtocol, HELLO, type Scene, USAGE } from "../../support/matrix/scene.ts";

const text = z.string();
const whole = z.int();
const number = z.number();
const either = <T extends z.ZodType>(type: T) => type.nullable();

const logprob = z.object({
  token: text,
  logprob: number,
  bytes: z.array(whole),
  top_logprobs: z.array(z.unknown()),
});
const outputText = z.object({
  type: z.literal("output_text"),
  text,
  annotations: z.array(z.object({ type: text })),
  logprobs: z.array(logprob),
});
const part = z.union([
  outputText,
  z.object({ type: z.literal("refusal"), refusal: text }),
  z.object({ type: z.enum(["summary_text", "reasoning_text"]), text }),
]);
const status = z.enum(["in_progress", "completed", "incomplete"]);
const item = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message"),
    id: text,
    status,
    role: z.literal("assistant"),
    content: z.array(part),
  }),
  z.object({
    type: z.literal("function_call"),
    id: text,
    call_id: text,
    name: text,
    arguments: text,
    status,
  }),
  z.object({
    type: z.literal("reasoning"),
    id: text,
    summary: z.array(part),
    content: z.array(part).optional(),
    encrypted_content: text.optional(),
  }),
]);
const tool = z.object({
  type: z.literal("function"),
  name: text,
  description: either(text),
  parameters: either(z.record(text, z.unknown())),
  strict: either(z.boolean()),
});
const format = z.union([
  z.object({ type: z.enum(["text", "json_object"]) }),
  z.object({
    type: z.literal("json_schema"),
    name: text,
    description: either(text),
    schema: z.unknown(),
    strict: z.boolean(),
  }),
]);
const response = z.object({
  id: text,
  object: z.literal("response"),
  created_at: whole,
  completed_at: either(whole),
  status: text,
  incomplete_details: either(z.object({ reason: text })),
  model: text,
  previous_response_id: either(text),
  instructions: either(text),
  output: z.array(item),
  error: either(z.object({ code: text, message: text })),
  tools: z.array(tool),
  tool_choice: z.union([
    z.enum(["none", "auto", "required"]),
    z.object({ type: z.literal("function"), name: text }),
    z.object({ type: z.literal("allowed_tools"), tools: z.array(z.unknown()), mode: text }),
  ]),
  truncation: z.enum(["auto", "disabled"]),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format, verbosity: z.enum(["low", "medium", "high"]).optional() }),
  top_p: number,
  presence_penalty: number,
  frequency_penalty: number,
  top_logprobs: whole,
  temperature: number,
  reasoning: either(z.object({ effort: either(text), summary: either(text) })),
  usage: either(
    z.object({
      input_tokens: whole,
      output_tokens: whole,
      total_tokens: whole,
      input_tokens_details: z.object({ cached_tokens: whole }),
      output_tokens_details: z.object({ reasoning_tokens: whole }),
    }),
  ),
  max_output_tokens: either(whole),
  max_tool_calls: either(whole),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: text,
  metadata: z.record(text, z.unknown()),
  safety_identifier: either(text),
  prompt_cache_key: either(text),
});

const numbered = { sequence_number: whole };
const inItem = { ...numbered, item_id: text, output_index: whole };
const inContent = { ...inItem, content_index: whole };
const inSummary = { ...inItem, summary_index: whole };
const about = (name: string, fields: z.ZodRawShape) => z.object({ type: z.literal(name), ...fields });
const states = ["created", "queued", "in_progress", "completed", "failed", "incomplete"];
const event = z.union([
  ...states.map((name) => about(`response.${name}`, { ...numbered, response })),
  ...["added", "done"].map((name) =>
    about(`response.output_item.${name}`, { ...numbered, output_index: whole, item }),
  ),
  ...["added", "done"].map((name) => about(`response.content_part.${name}`, { ...inContent, part })),
  ...["added", "done"].map((name) =>
    about(`response.reasoning_summary_part.${name}`, { ...inSummary, part }),
  ),
  about("response.output_text.delta", { ...inContent, delta: text, logprobs: z.array(logprob).optional() }),
  about("response.output_text.done", { ...inContent, text, logprobs: z.array(logprob).optional() }),
  about("response.refusal.delta", { ...inContent, delta: text }),
  about("response.refusal.done", { ...inContent, refusal: text }),
  about("response.reasoning_summary_text.delta", { ...inSummary, delta: text }),
  about("response.reasoning_summary_text.done", { ...inSummary, text }),
  about("response.function_call_arguments.delta", { ...inItem, delta: text }),
  about("response.function_call_arguments.done", { ...inItem, arguments: text }),
  about("error", {
    ...numbered,
    error: z.object({ type: text, code: either(text), message: text, param: either(text) }),
  }),
]);

const user = (content: unknown) => ({ type: "message", role: "user", content });
const WEATHER = {
  type: "function",
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
// One red pixel.
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

interface Request {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
  readonly calls?: true;
}
const ASKED_TO_CALL = { input: [user("Is it raining in Lisbon?")], tools: [WEATHER] };
const REQUESTS: readonly Request[] = [
  { name: "plain text", stream: false, body: { input: [user("Greet me.")] } },
  { name: "plain text, streamed", stream: true, body: { input: [user("Name the days of the week.")] } },
  {
    name: "a system message",
    stream: false,
    body: { input: [{ type: "message", role: "system", content: "Answer in rhyme." }, user("Greet me.")] },
  },
  { name: "a tool", stream: false, calls: true, body: ASKED_TO_CALL },
  { name: "a tool, streamed", stream: true, calls: true, body: ASKED_TO_CALL },
  {
    name: "an image",
    stream: false,
    body: {
      input: [
        user([
          { type: "input_text", text: "Which colour is this?" },
          { type: "input_image", image_url: PIXEL },
        ]),
      ],
    },
  },
  {
    name: "several turns",
    stream: false,
    body: {
      input: [
        user("I am called Inês."),
        { type: "message", role: "assistant", content: "Good to know." },
        user("What am I called?"),
      ],
    },
  },
];

const CALLS: Scene = {
  reasoning: "The tool knows",
  calls: [{ id: "call_1", name: "get_weather", args: { city: "Lisbon" } }],
  finish: "tool-calls",
  usage: USAGE,
};

const ACCOUNTS: Readonly<Record<string, string>> = {
  sandbox: "sandbox/tools",
  "openai-chat": `openai-chat/${MODELS["openai-chat"].plain}`,
  anthropic: `anthropic/${MODELS.anthropic.plain}`,
  gemini: `gemini/${MODELS.gemini.plain}`,
} satisfies Partial<ByProtocol<string>> & { sandbox: string };

describe.each(Object.entries(ACCOUNTS))("%s account", (_name, model) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.stop());

  const ask = async ({ body, stream, calls }: Request): Promise<string> => {
    rig.reset();
    rig.scene = calls ? CALLS : HELLO;
    const reply = await fetch(`${rig.portico.baseUrl}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer key" },
      body: JSON.stringify({ model, ...body, stream }),
    });
    const said = await reply.text();
    expect(rig.refused).toEqual([]);
    expect(reply.status, said).toBe(200);
    return said;
  };

  it.each(REQUESTS.filter(({ stream }) => !stream))("$name", async (request) => {
    const said = response.parse(JSON.parse(await ask(request)));
    expect(said.status).toBe("completed");
    expect(said.completed_at).toBeGreaterThanOrEqual(said.created_at);
    expect(said.output.length).toBeGreaterThan(0);
    if (request.calls) expect(said.output.map(({ type }) => type)).toContain("function_call");
  });

  it.each(REQUESTS.filter(({ stream }) => stream))("$name", async (request) => {
    const events = sseEvents(await ask(request)).filter(({ data }) => data !== "[DONE]");
    const told = events.map(({ data }) => event.parse(JSON.parse(data)));
    expect(told.length).toBeGreaterThan(0);
    const last = z.object({ type: text, response }).parse(told.at(-1));
    expect(last.type).toBe("response.completed");
    expect(last.response.status).toBe("completed");
    if (!request.calls) return;
    const names = told.map(({ type }) => type);
    expect(names).toContain("response.function_call_arguments.delta");
    expect(names).toContain("response.function_call_arguments.done");
    const items = told.flatMap((one) => ("item" in one ? [`${one.type} ${item.parse(one.item).type}`] : []));
    expect(items).toContain("response.output_item.added function_call");
    expect(items).toContain("response.output_item.done function_call");
  });
});

it("an error in the midst of a stream holds a response with every key", async () => {
  const rig = await startRig();
  rig.script = (_received, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write('data: {"id":"c","choices":[{"index":0,"delta":{"content":"half"}}]}\n\n', () => res.destroy());
  };
  const reply = await fetch(`${rig.portico.baseUrl}/v1/responses`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: ACCOUNTS["openai-chat"], input: "hi", stream: true }),
  });
  const told = sseEvents(await reply.text()).map(({ data }) => event.parse(JSON.parse(data)));
  expect(told.map(({ type }) => type).slice(-2)).toEqual(["error", "response.failed"]);
  expect(response.parse(Reflect.get(told.at(-1) ?? {}, "response"))).toMatchObject({
    status: "failed",
    completed_at: null,
  });
  await rig.stop();
});
