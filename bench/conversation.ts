/** Decodes and encodes a long conversation: what translation costs before a byte goes out. */

import { PROTOCOLS, type Protocol } from "../src/control/protocol.ts";
import type { ChatRequest } from "../src/gateway/protocols/chat.ts";
import { CODECS } from "../src/gateway/protocols/codecs.ts";

/** Bytes of the conversation's JSON. */
const SIZE = 5 * 1024 * 1024;
const TURNS = 400;
const ROUNDS = 9;
/** Highest allowed milliseconds, median. */
export const CONVERSATION_TARGET_MS = 60;

export interface ConversationResult {
  readonly client: Protocol;
  readonly target: Protocol;
  /** Bytes of the client's body. */
  readonly bytes: number;
  /** Median milliseconds of decoding and encoding, without JSON on either side. */
  readonly ms: number;
  /** The same with parsing the body and writing the new one. */
  readonly withJsonMs: number;
}

/** A conversation of an agent that reads and edits files: tools, calls and long results. */
function conversation(): ChatRequest {
  const perTurn = Math.floor(SIZE / TURNS) - 700;
  const line =
    'export function area(width: number, height: number): number {\\n  return width * height; // "checked"\\n}\\n';
  const file = line.repeat(Math.ceil(perTurn / line.length)).slice(0, perTurn);
  const messages: ChatRequest["messages"] = [
    { role: "system", parts: [{ type: "text", text: "You edit files. ".repeat(500) }] },
  ];
  for (let turn = 0; turn < TURNS; turn++) {
    messages.push(
      { role: "user", parts: [{ type: "text", text: `Please look at file ${turn}.` }] },
      {
        role: "assistant",
        parts: [
          { type: "text", text: "I will read it." },
          {
            type: "tool-call",
            callId: `call_${turn}`,
            name: "read",
            kind: "function",
            input: JSON.stringify({ path: `/src/file${turn}.ts`, limit: 2000 }),
          },
        ],
      },
      {
        role: "tool",
        parts: [
          {
            type: "tool-result",
            callId: `call_${turn}`,
            name: "read",
            kind: "function",
            content: [{ type: "text", text: `${turn}\n${file}` }],
          },
        ],
      },
    );
  }
  messages.push({ role: "user", parts: [{ type: "text", text: "Go on." }] });
  return {
    model: "bench",
    messages,
    tools: Array.from({ length: 40 }, (_, index) => ({
      type: "function" as const,
      name: index === 0 ? "read" : `tool_${index}`,
      description: "Does something to a file. ".repeat(20),
      parameters: {
        type: "object",
        properties: { path: { type: "string", description: "Where it is." }, limit: { type: "integer" } },
        required: ["path"],
      },
    })),
    sampling: {},
    maxOutputTokens: 1000,
    stream: true,
  };
}

export function benchConversation(): ConversationResult[] {
  const context = { provider: "custom", autoCache: true, session: "bench", warn: () => {} };
  const whole = conversation();
  const results: ConversationResult[] = [];
  for (const client of PROTOCOLS) {
    const body = JSON.stringify(CODECS[client].encodeRequest(whole, context));
    for (const target of PROTOCOLS) {
      if (client === target) continue;
      const bare: number[] = [];
      const withJson: number[] = [];
      for (let round = -2; round < ROUNDS; round++) {
        const began = performance.now();
        const parsed: unknown = JSON.parse(body);
        const started = performance.now();
        const request = CODECS[client].decodeRequest(parsed, { model: "bench", stream: true });
        const encoded = CODECS[target].encodeRequest(request, context);
        const ended = performance.now();
        Buffer.from(JSON.stringify(encoded));
        // The first two warm the code up.
        if (round < 0) continue;
        bare.push(ended - started);
        withJson.push(performance.now() - began);
      }
      results.push({ client, target, bytes: body.length, ms: median(bare), withJsonMs: median(withJson) });
    }
  }
  return results;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1));
}
