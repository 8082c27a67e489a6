import { checkRequest } from "../../support/strict/openaiChat.ts";
import { fields, list, text, texts } from "../json.ts";
import { fragments, inputJson, type Reply, sse, type Wire } from "./wire.ts";

const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

const head = ({ turn, model }: Reply, object: string) => ({
  id: `chatcmpl-${turn}`,
  object,
  created: 1_700_000_000,
  model,
});

const finish = ({ step }: Reply) => (step.kind === "say" ? "stop" : "tool_calls");
const said = ({ step }: Reply) => (step.kind === "say" ? step.text : `I use ${step.tool.name}.`);

export const openaiChat: Wire = {
  protocol: "openai-chat",
  basePath: "/v1",
  model: "gpt-5",
  operation: (path) => (path.startsWith("/v1/chat/completions") ? "chat" : undefined),
  read(_path, body) {
    const { model, stream, tools, messages } = fields(body);
    return {
      model: text(model),
      stream: stream === true,
      tools: list(tools).map((each) => {
        const tool = fields(each);
        const free = tool.type === "custom";
        return { name: text(fields(free ? tool.custom : tool.function).name), free };
      }),
      results: list(messages)
        .map(fields)
        .filter(({ role }) => role === "tool")
        .map((message) => texts(message.content)),
    };
  },
  check: (path, headers, body) => checkRequest(body, headers, path),
  proves: () => false,
  events(reply) {
    const { step, turn } = reply;
    const chunk = (delta: object, finish_reason: string | null = null) =>
      sse({ ...head(reply, "chat.completion.chunk"), choices: [{ index: 0, delta, finish_reason }] });
    const out = [chunk({ role: "assistant", content: "" })];
    for (const content of fragments(said(reply))) out.push(chunk({ content }));
    if (step.kind === "call") {
      const { name, free } = step.tool;
      const type = free ? "custom" : "function";
      const field = free ? "input" : "arguments";
      const input = free && typeof step.input === "string" ? step.input : inputJson(step.input);
      const call = (more: object) => chunk({ tool_calls: [{ index: 0, ...more }] });
      out.push(call({ id: `call_${turn}`, type, [type]: { name, [field]: "" } }));
      for (const piece of fragments(input)) out.push(call({ [type]: { [field]: piece } }));
    }
    out.push(chunk({}, finish(reply)));
    out.push(sse({ ...head(reply, "chat.completion.chunk"), choices: [], usage: USAGE }));
    out.push("data: [DONE]\n\n");
    return out;
  },
  whole(reply) {
    const { step, turn } = reply;
    const calls =
      step.kind === "say"
        ? {}
        : {
            tool_calls: [
              {
                id: `call_${turn}`,
                type: "function",
                function: { name: step.tool.name, arguments: inputJson(step.input) },
              },
            ],
          };
    return {
      ...head(reply, "chat.completion"),
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: said(reply), refusal: null, ...calls },
          finish_reason: finish(reply),
          logprobs: null,
        },
      ],
      usage: USAGE,
    };
  },
  count: {},
  error: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
};
