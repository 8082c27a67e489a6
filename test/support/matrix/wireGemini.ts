/** Scenes as Gemini streams and returns them. Its calls come whole, and without ids. */
import { fragments, type Scene, type Wire } from "./scene.ts";

const FINISH = {
  stop: "STOP",
  length: "MAX_TOKENS",
  "tool-calls": "STOP",
  "content-filter": "SAFETY",
  refusal: "SAFETY",
} as const;

export function writeGemini(scene: Scene): Wire {
  const { usage } = scene;
  const signed = scene.signature === undefined ? {} : { thoughtSignature: scene.signature };
  const calls = (scene.calls ?? []).map((call, index) => ({
    functionCall: { name: call.name, args: call.args ?? {} },
    // The first call of a turn is signed.
    ...(index === 0 ? signed : {}),
  }));
  const thoughts =
    scene.reasoning === undefined ? [] : fragments(scene.reasoning).map((text) => ({ text, thought: true }));
  const texts =
    scene.text === undefined
      ? []
      : (scene.logprob === undefined ? fragments(scene.text) : [scene.text]).map((text) => ({ text }));
  // Without calls, the last part carries the signature.
  const tail = calls.length === 0 && scene.signature !== undefined ? [{ text: "", ...signed }] : [];
  const logprobsResult =
    scene.logprob === undefined
      ? {}
      : {
          avgLogprobs: scene.logprob,
          logprobsResult: {
            chosenCandidates: [{ token: scene.text, logProbability: scene.logprob }],
            topCandidates: [{ candidates: [{ token: scene.text, logProbability: scene.logprob }] }],
          },
        };
  const usageMetadata = {
    promptTokenCount: usage.input,
    candidatesTokenCount: usage.output - usage.reasoning,
    thoughtsTokenCount: usage.reasoning,
    cachedContentTokenCount: usage.cacheRead,
    totalTokenCount: usage.input + usage.output,
  };
  const head = { modelVersion: "up-model", responseId: "resp-up" };
  const finishReason = FINISH[scene.finish];
  const others = (scene.more ?? []).map((text, at) => ({
    index: at + 1,
    content: { role: "model", parts: [{ text }] },
    finishReason: "STOP",
  }));
  const steps: object[][] = [
    ...thoughts.map((part) => [part]),
    ...texts.map((part) => [part]),
    ...(calls.length > 0 ? [calls] : []),
    ...(tail.length > 0 ? [tail] : []),
  ];
  const chunks = steps.map((parts, at) => {
    const last = at === steps.length - 1;
    const candidate = {
      index: 0,
      content: { role: "model", parts },
      ...(last ? { finishReason, ...logprobsResult } : {}),
    };
    return {
      candidates: [candidate, ...(last ? others : [])],
      usageMetadata: last ? usageMetadata : { promptTokenCount: usage.input, totalTokenCount: usage.input },
      ...head,
    };
  });
  if (steps.length === 0)
    chunks.push({
      candidates: [{ index: 0, content: { role: "model", parts: [] }, finishReason }],
      usageMetadata,
      ...head,
    } as never);
  return {
    events: chunks.map((chunk) => ({ data: JSON.stringify(chunk) })),
    whole: {
      candidates: [
        {
          index: 0,
          content: {
            role: "model",
            parts: [
              ...(scene.reasoning === undefined ? [] : [{ text: scene.reasoning, thought: true }]),
              ...(scene.text === undefined
                ? []
                : [{ text: scene.text, ...(calls.length === 0 ? signed : {}) }]),
              ...calls,
            ],
          },
          finishReason,
          ...logprobsResult,
        },
        ...others,
      ],
      usageMetadata,
      ...head,
    },
  };
}
