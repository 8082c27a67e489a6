/** Scenes as chat completions, after OpenAI's reference; reasoning as DeepSeek shows it. */
import { argumentsOf, fragments, type Scene, type Wire } from "./scene.ts";

const FINISH = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  refusal: "stop",
} as const;

const callOf = (call: NonNullable<Scene["calls"]>[number], args: string) =>
  call.input === undefined
    ? { type: "function", function: { name: call.name, arguments: args } }
    : { type: "custom", custom: { name: call.name, input: args } };

const logprobsOf = (scene: Scene) =>
  scene.logprob === undefined
    ? null
    : {
        content: [{ token: scene.text, logprob: scene.logprob, bytes: null, top_logprobs: [] }],
        refusal: null,
      };

export function writeChat(scene: Scene): Wire {
  const { usage } = scene;
  const head = { id: "chatcmpl-up", created: 1_700_000_000, model: "up-model", system_fingerprint: "fp" };
  const counts = {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
  const refused = scene.finish === "refusal";
  const chunk = (delta: object, rest: object = {}, index = 0) => ({
    ...head,
    object: "chat.completion.chunk",
    choices: [{ index, delta, logprobs: null, finish_reason: null, ...rest }],
    usage: null,
  });
  const deltas: object[] = [chunk({ role: "assistant", content: "", refusal: null })];
  for (const text of scene.reasoning === undefined ? [] : fragments(scene.reasoning))
    deltas.push(chunk({ reasoning_content: text }));
  if (scene.text !== undefined) {
    const pieces = scene.logprob === undefined ? fragments(scene.text) : [scene.text];
    for (const text of pieces)
      deltas.push(chunk(refused ? { refusal: text } : { content: text }, { logprobs: logprobsOf(scene) }));
  }
  const calls = scene.calls ?? [];
  for (const [index, call] of calls.entries())
    deltas.push(chunk({ tool_calls: [{ index, id: call.id, ...callOf(call, "") }] }));
  // The fragments of all calls come in turn.
  const parts = calls.map((call) => (argumentsOf(call) === "" ? [] : fragments(argumentsOf(call))));
  for (let round = 0; parts.some((list) => list.length > round); round++) {
    for (const [index, list] of parts.entries()) {
      const piece = list[round];
      if (piece === undefined) continue;
      const field =
        calls[index]?.input === undefined ? { function: { arguments: piece } } : { custom: { input: piece } };
      deltas.push(chunk({ tool_calls: [{ index, ...field }] }));
    }
  }
  deltas.push(chunk({}, { finish_reason: FINISH[scene.finish] }));
  for (const [index, text] of (scene.more ?? []).entries()) {
    deltas.push(
      chunk({ role: "assistant", content: text }, {}, index + 1),
      chunk({}, { finish_reason: "stop" }, index + 1),
    );
  }
  deltas.push({ ...head, object: "chat.completion.chunk", choices: [], usage: counts });
  const message = (content: string | null, more: object = {}) => ({
    role: "assistant",
    content,
    refusal: null,
    ...more,
  });
  return {
    events: [...deltas.map((delta) => ({ data: JSON.stringify(delta) })), { data: "[DONE]" }],
    whole: {
      ...head,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: {
            ...message(refused ? null : (scene.text ?? null), refused ? { refusal: scene.text } : {}),
            ...(scene.reasoning === undefined ? {} : { reasoning_content: scene.reasoning }),
            ...(calls.length === 0
              ? {}
              : {
                  tool_calls: calls.map((call) => ({
                    id: call.id,
                    ...callOf(call, argumentsOf(call) || "{}"),
                  })),
                }),
          },
          logprobs: logprobsOf(scene),
          finish_reason: FINISH[scene.finish],
        },
        ...(scene.more ?? []).map((text, at) => ({
          index: at + 1,
          message: message(text),
          logprobs: null,
          finish_reason: "stop",
        })),
      ],
      usage: counts,
    },
  };
}
