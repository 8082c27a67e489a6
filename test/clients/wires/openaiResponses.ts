import { checkRequest } from "../../support/strict/openaiResponses.ts";
import { type Fields, fields, list, text, texts } from "../json.ts";
import { fragments, inputJson, type OfferedTool, type Reply, type Step, sse, type Wire } from "./wire.ts";

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120,
};

function offered(value: unknown): OfferedTool[] {
  const tool = fields(value);
  if (tool.type === "function" || tool.type === "custom") {
    return [{ name: text(tool.name), free: tool.type === "custom" }];
  }
  if (tool.type !== "namespace") return [];
  const namespace = text(tool.name);
  return list(tool.tools)
    .flatMap(offered)
    .map((each) => ({ ...each, namespace }));
}

const said = (step: Step) => (step.kind === "say" ? step.text : `I use ${step.tool.name}.`);

function items({ step, turn, proof }: Reply): Fields[] {
  const out: Fields[] = [];
  if (proof !== undefined) {
    out.push({ id: `rs_${turn}`, type: "reasoning", summary: [], encrypted_content: proof });
  }
  out.push({
    id: `msg_${turn}`,
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: said(step), annotations: [] }],
  });
  if (step.kind === "call") {
    const { name, namespace, free } = step.tool;
    const call = {
      id: `${free ? "ctc" : "fc"}_${turn}`,
      call_id: `call_${turn}`,
      name,
      ...(namespace === undefined ? {} : { namespace }),
    };
    out.push(
      free && typeof step.input === "string"
        ? { type: "custom_tool_call", ...call, input: step.input, status: "completed" }
        : { type: "function_call", ...call, arguments: inputJson(step.input), status: "completed" },
    );
  }
  return out;
}

const response = (
  { turn, model }: Reply,
  status: string,
  output: readonly Fields[],
  usage: object | null,
) => ({
  id: `resp_${turn}`,
  object: "response",
  created_at: 1_700_000_000,
  model,
  status,
  output,
  usage,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  tools: [],
  tool_choice: "auto",
  parallel_tool_calls: true,
});

/** The events of one item of the output, between its start and its end. */
function itemEvents(item: Fields, output_index: number): Fields[] {
  const at = { item_id: item.id, output_index };
  if (item.type === "message") {
    const part = fields(list(item.content)[0]);
    const inner = { ...at, content_index: 0 };
    return [
      { type: "response.content_part.added", ...inner, part: { ...part, text: "" } },
      ...fragments(text(part.text)).map((delta) => ({
        type: "response.output_text.delta",
        ...inner,
        delta,
        logprobs: [],
      })),
      { type: "response.output_text.done", ...inner, text: part.text, logprobs: [] },
      { type: "response.content_part.done", ...inner, part },
    ];
  }
  if (item.type === "function_call") {
    const kind = "response.function_call_arguments";
    const { name } = item;
    return [
      ...fragments(text(item.arguments)).map((delta) => ({ type: `${kind}.delta`, ...at, delta })),
      { type: `${kind}.done`, ...at, name, arguments: item.arguments },
    ];
  }
  if (item.type === "custom_tool_call") {
    const kind = "response.custom_tool_call_input";
    return [
      ...fragments(text(item.input)).map((delta) => ({ type: `${kind}.delta`, ...at, delta })),
      { type: `${kind}.done`, ...at, input: item.input },
    ];
  }
  return [];
}

function started(item: Fields): Fields {
  if (item.type === "message") return { ...item, status: "in_progress", content: [] };
  if (item.type === "function_call") return { ...item, status: "in_progress", arguments: "" };
  if (item.type === "custom_tool_call") return { ...item, status: "in_progress", input: "" };
  return { ...item, encrypted_content: "" };
}

export const openaiResponses: Wire = {
  protocol: "openai-responses",
  basePath: "/v1",
  model: "gpt-5",
  operation: (path) => (path.startsWith("/v1/responses") ? "chat" : undefined),
  read(_path, body) {
    const { model, stream, tools, input } = fields(body);
    const entries = list(input).map(fields);
    return {
      model: text(model),
      stream: stream === true,
      tools: [
        ...list(tools),
        ...entries.flatMap((item) => (item.type === "additional_tools" ? list(item.tools) : [])),
      ].flatMap(offered),
      results: entries
        .filter(({ type }) => type === "function_call_output" || type === "custom_tool_call_output")
        .map((item) => texts(item.output)),
    };
  },
  check: (_path, _headers, body) => checkRequest(body),
  proves: (body) => list(fields(body).include).includes("reasoning.encrypted_content"),
  events(reply) {
    const output = items(reply);
    const all: Fields[] = [
      { type: "response.created", response: response(reply, "in_progress", [], null) },
      { type: "response.in_progress", response: response(reply, "in_progress", [], null) },
      ...output.flatMap((item, output_index) => [
        { type: "response.output_item.added", output_index, item: started(item) },
        ...itemEvents(item, output_index),
        { type: "response.output_item.done", output_index, item },
      ]),
      { type: "response.completed", response: response(reply, "completed", output, USAGE) },
    ];
    return all.map((each, sequence_number) => sse({ ...each, sequence_number }, text(each.type)));
  },
  whole: (reply) => response(reply, "completed", items(reply), USAGE),
  count: {},
  error: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
};
