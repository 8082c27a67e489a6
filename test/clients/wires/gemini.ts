import { checkRequest } from "../../support/strict/gemini.ts";
import { fields, list, text } from "../json.ts";
import { fragments, inputJson, type Reply, sse, type Wire } from "./wire.ts";

const METHOD = /^\/v1(?:beta)?\/models\/([^:]+):(\w+)/;

function parts({ step, turn, proof }: Reply): object[] {
  const signed = proof === undefined ? {} : { thoughtSignature: proof };
  const thought = proof === undefined ? [] : [{ text: `Thinking of turn ${turn}.`, thought: true }];
  if (step.kind === "say") return [...thought, ...fragments(step.text, 20).map((piece) => ({ text: piece }))];
  const args: unknown = JSON.parse(inputJson(step.input));
  return [
    ...thought,
    { text: `I use ${step.tool.name}.` },
    { functionCall: { id: `fc-${turn}`, name: step.tool.name, args }, ...signed },
  ];
}

const chunk = ({ turn, model }: Reply, content: object[], last: boolean) => ({
  candidates: [
    { index: 0, content: { role: "model", parts: content }, ...(last ? { finishReason: "STOP" } : {}) },
  ],
  ...(last
    ? {
        usageMetadata: {
          promptTokenCount: 100,
          candidatesTokenCount: 15,
          thoughtsTokenCount: 5,
          totalTokenCount: 120,
        },
      }
    : {}),
  modelVersion: model,
  responseId: `reply-${turn}`,
});

export const gemini: Wire = {
  protocol: "gemini",
  basePath: "",
  model: "gemini-3-pro-preview",
  operation(path) {
    const method = METHOD.exec(path)?.[2];
    if (method === "countTokens") return "count";
    return method === "generateContent" || method === "streamGenerateContent" ? "chat" : undefined;
  },
  read(path, body) {
    const { tools, contents } = fields(body);
    return {
      model: decodeURIComponent(METHOD.exec(path)?.[1] ?? ""),
      stream: path.includes(":stream"),
      tools: list(tools)
        .flatMap((tool) => list(fields(tool).functionDeclarations))
        .map((each) => ({ name: text(fields(each).name), free: false })),
      results: list(contents)
        .flatMap((each) => list(fields(each).parts))
        .map((part) => fields(part).functionResponse)
        .filter((result) => result !== undefined)
        .map((result) => JSON.stringify(fields(result).response)),
    };
  },
  check: (path, headers, body) => checkRequest(body, headers, path),
  proves: () => true,
  events(reply) {
    const all = parts(reply);
    return all.map((part, index) => sse(chunk(reply, [part], index === all.length - 1)));
  },
  whole: (reply) => chunk(reply, parts(reply), true),
  count: { totalTokens: 100 },
  error: (message) => ({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }),
};
