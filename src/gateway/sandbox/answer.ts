/** What each sandbox model says, as canonical events. Deterministic: the request decides all of it. */
import type { ChatEvent, ChatRequest, Tool, Usage } from "../protocols/chat.ts";
import { exampleOf } from "./example.ts";
import type { SandboxModel } from "./models.ts";
import { countRequest, countText, splitText } from "./tokens.ts";

const MARKDOWN = `# Portico sandbox

This page is always the same. It has **bold**, *italic*, \`code\` and a [link](https://example.com/).

1. First
2. Second
   - with a detail

| protocol | path |
| --- | --- |
| OpenAI | \`/v1/chat/completions\` |
| Anthropic | \`/v1/messages\` |
| Gemini | \`/v1beta/models\` |

\`\`\`ts
const answer: number = 6 * 7;
\`\`\`

> Add an account to talk to a real model.
`;

/** Tools that change things are not called by a model that only plays. */
const HARMLESS = /read|get|list|search|find|glob|grep|view|look|weather|time|echo|fetch|show/i;
const HARMFUL =
  /bash|shell|exec|run|command|write|edit|create|delete|remove|patch|kill|move|send|task|agent/i;

type FunctionTool = Extract<Tool, { type: "function" }>;

/** Part of an answer: reasoning, text, or a call. */
type Piece =
  | { kind: "reasoning"; text: string }
  | { kind: "text"; text: string }
  | { kind: "call"; tool: FunctionTool; input: string };

/** All events of the answer but for errors; `model` as the client named it. */
export function* answerEvents(request: ChatRequest, model: SandboxModel): Generator<ChatEvent> {
  const pieces = compose(request, model);
  const limit = request.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const input = countRequest(request);
  yield { type: "start", model, usage: usageOf(input, 0, 0) };
  const state = { used: 0, reasoning: 0 };
  const choices = Math.min(request.n ?? 1, 8);
  for (let choice = 0; choice < choices; choice++) {
    yield* oneChoice(pieces, request, limit, choice, state);
  }
  yield { type: "usage", usage: usageOf(input, state.used, state.reasoning) };
}

function* oneChoice(
  pieces: Piece[],
  request: ChatRequest,
  limit: number,
  choice: number,
  state: { used: number; reasoning: number },
): Generator<ChatEvent> {
  let left = limit;
  let called = false;
  const at = choice === 0 ? {} : { choice };
  for (const [index, piece] of pieces.entries()) {
    const id = `${choice}-${index}`;
    if (left <= 0) break;
    if (piece.kind === "call") {
      called = true;
      const tokens = countText(piece.input);
      left -= tokens;
      state.used += tokens;
      yield {
        type: "tool-start",
        id,
        callId: `call_sandbox_${choice}_${index}`,
        name: piece.tool.name,
        kind: "function",
        ...(piece.tool.namespace === undefined ? {} : { namespace: piece.tool.namespace }),
        ...at,
      };
      for (const delta of splitText(piece.input)) yield { type: "tool-delta", id, delta };
      yield { type: "tool-end", id };
      continue;
    }
    const stopped = cutAtStop(piece.text, piece.kind === "text" ? request.stop : undefined);
    yield piece.kind === "text" ? { type: "text-start", id, ...at } : { type: "reasoning-start", id, ...at };
    for (const text of splitText(stopped.text)) {
      const tokens = Math.max(1, countText(text));
      if (tokens > left) {
        left = 0;
        break;
      }
      left -= tokens;
      state.used += tokens;
      if (piece.kind === "reasoning") state.reasoning += tokens;
      yield piece.kind === "text" ? { type: "text-delta", id, text } : { type: "reasoning-delta", id, text };
    }
    yield piece.kind === "text" ? { type: "text-end", id } : { type: "reasoning-end", id };
    if (stopped.sequence !== undefined && left > 0) {
      yield { type: "finish", reason: "stop", stopSequence: stopped.sequence, ...at };
      return;
    }
  }
  yield { type: "finish", reason: called ? "tool-calls" : left <= 0 ? "length" : "stop", ...at };
}

function cutAtStop(text: string, stop: readonly string[] | undefined): { text: string; sequence?: string } {
  let best: { text: string; sequence?: string } = { text };
  for (const sequence of stop ?? []) {
    const at = best.text.indexOf(sequence);
    if (sequence !== "" && at !== -1) best = { text: best.text.slice(0, at), sequence };
  }
  return best;
}

function usageOf(input: number, output: number, reasoning: number): Usage {
  return {
    input: { total: input, uncached: input, cacheRead: 0, cacheWrite: 0 },
    output: { total: output, reasoning },
  };
}

function compose(request: ChatRequest, model: SandboxModel): Piece[] {
  const said = lastUserText(request);
  const format = request.responseFormat;
  if (format?.type === "json-schema")
    return [{ kind: "text", text: JSON.stringify(exampleOf(format.schema, said)) }];
  if (format?.type === "json") return [{ kind: "text", text: JSON.stringify({ text: said }) }];
  switch (model) {
    case "sandbox/echo":
    case "sandbox/slow":
    case "sandbox/flaky":
      return [{ kind: "text", text: said === "" ? "You said nothing." : said }];
    case "sandbox/markdown":
      return [{ kind: "text", text: MARKDOWN }];
    case "sandbox/reasoning":
      return [
        { kind: "reasoning", text: `The question is: ${said}\nI have no model to ask, so I will say so.` },
        { kind: "text", text: "This is the sandbox: it thinks for show. Add an account for real answers." },
      ];
    case "sandbox/tools":
      return withTools(request, said);
  }
}

function withTools(request: ChatRequest, said: string): Piece[] {
  const last = request.messages.at(-1);
  if (last?.role === "tool") {
    const results = last.parts.map((part) =>
      part.content.map((inner) => (inner.type === "text" ? inner.text : `[${inner.type}]`)).join(" "),
    );
    return [{ kind: "text", text: `The tool said: ${results.join("\n").slice(0, 4000)}` }];
  }
  const tool = request.toolChoice?.type === "none" ? undefined : pickTool(request, said);
  if (tool === undefined) {
    return [
      { kind: "text", text: "No tool here is safe for the sandbox to call. Offer one that only reads." },
    ];
  }
  return [
    { kind: "text", text: `I will call ${tool.name}.` },
    { kind: "call", tool, input: JSON.stringify(exampleOf(tool.parameters, said)) },
  ];
}

function pickTool(request: ChatRequest, said: string): FunctionTool | undefined {
  const functions = request.tools.filter((tool) => tool.type === "function");
  const choice = request.toolChoice;
  if (choice?.type === "tool") return functions.find((tool) => tool.name === choice.name);
  return (
    functions.find((tool) => said.includes(tool.name) && !HARMFUL.test(tool.name)) ??
    functions.find((tool) => HARMLESS.test(tool.name) && !HARMFUL.test(tool.name)) ??
    functions.find((tool) => !HARMFUL.test(tool.name)) ??
    (choice?.type === "required" ? functions[0] : undefined)
  );
}

function lastUserText(request: ChatRequest): string {
  for (const message of request.messages.toReversed()) {
    if (message.role !== "user") continue;
    const text = message.parts
      .map((part) => (part.type === "text" ? part.text : `[${part.type}]`))
      .join("\n");
    return text.slice(0, 20_000);
  }
  return "";
}
