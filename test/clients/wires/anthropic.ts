import { checkRequest } from "../../support/strict/anthropic.ts";
import { fields, list, text, texts } from "../json.ts";
import { fragments, inputJson, type Reply, sse, type Wire } from "./wire.ts";

const event = (type: string, more: object) => sse({ type, ...more }, type);

function content({ step, turn, proof }: Reply): object[] {
  const blocks: object[] = [];
  if (proof !== undefined)
    blocks.push({ type: "thinking", thinking: `Thinking of turn ${turn}.`, signature: proof });
  if (step.kind === "say") blocks.push({ type: "text", text: step.text });
  else {
    blocks.push({ type: "text", text: `I use ${step.tool.name}.` });
    const input: unknown = JSON.parse(inputJson(step.input));
    blocks.push({ type: "tool_use", id: `toolu_${turn}`, name: step.tool.name, input });
  }
  return blocks;
}

function message(reply: Reply, blocks: object[], stop: string | null, output: number): object {
  return {
    id: `msg_${reply.turn}`,
    type: "message",
    role: "assistant",
    model: reply.model,
    content: blocks,
    stop_reason: stop,
    stop_sequence: null,
    usage: {
      input_tokens: 100,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: output,
    },
  };
}

const stopReason = ({ step }: Reply) => (step.kind === "say" ? "end_turn" : "tool_use");

function blockEvents(block: object, index: number): string[] {
  const { type, thinking, signature, text: said, input, ...rest } = fields(block);
  const delta = (more: object) => event("content_block_delta", { index, delta: more });
  const start = (more: object) => event("content_block_start", { index, content_block: { type, ...more } });
  const end = event("content_block_stop", { index });
  if (type === "thinking") {
    const pieces = fragments(text(thinking)).map((piece) =>
      delta({ type: "thinking_delta", thinking: piece }),
    );
    const proof = delta({ type: "signature_delta", signature });
    return [start({ thinking: "", signature: "" }), ...pieces, proof, end];
  }
  if (type === "text") {
    const pieces = fragments(text(said)).map((piece) => delta({ type: "text_delta", text: piece }));
    return [start({ text: "" }), ...pieces, end];
  }
  const pieces = fragments(JSON.stringify(input)).map((piece) =>
    delta({ type: "input_json_delta", partial_json: piece }),
  );
  return [start({ ...rest, input: {} }), ...pieces, end];
}

export const anthropic: Wire = {
  protocol: "anthropic",
  basePath: "",
  model: "claude-sonnet-4-5",
  operation(path) {
    if (path.startsWith("/v1/messages/count_tokens")) return "count";
    return path.startsWith("/v1/messages") ? "chat" : undefined;
  },
  read(_path, body) {
    const { model, stream, tools, messages } = fields(body);
    return {
      model: text(model),
      stream: stream === true,
      tools: list(tools).map((tool) => ({ name: text(fields(tool).name), free: false })),
      results: list(messages)
        .flatMap((each) => list(fields(each).content))
        .map(fields)
        .filter(({ type }) => type === "tool_result")
        .map((result) => texts(result.content)),
    };
  },
  check: (path, headers, body) => checkRequest(body, headers, path),
  proves: (body) => ["enabled", "adaptive"].includes(text(fields(fields(body).thinking).type)),
  events(reply) {
    const blocks = content(reply);
    return [
      event("message_start", { message: message(reply, [], null, 1) }),
      event("ping", {}),
      ...blocks.flatMap(blockEvents),
      event("message_delta", {
        delta: { stop_reason: stopReason(reply), stop_sequence: null },
        usage: { output_tokens: 20 },
      }),
      event("message_stop", {}),
    ];
  },
  whole: (reply) => message(reply, content(reply), stopReason(reply), 20),
  count: { input_tokens: 100 },
  error: (said) => ({ type: "error", error: { type: "invalid_request_error", message: said } }),
};
