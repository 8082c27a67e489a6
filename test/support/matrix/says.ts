/** How each client says a feature, in the words of its own SDK. */
import type { Protocol } from "../../../src/control/protocol.ts";
import { LIST, type Params, READ } from "./talk.ts";

export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const PDF = "JVBERi0xLjQKMSAwIG9iago8PD4+CmVuZG9iagp0cmFpbGVyCjw8Pj4KJSVFT0YK";
export const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

/** A schema with everything that dialects disagree about. */
export const SCHEMA = {
  type: "object",
  properties: {
    tree: { $ref: "#/$defs/node" },
    choice: { anyOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] },
    kind: { const: "fixed" },
  },
  required: ["tree", "choice", "kind"],
  additionalProperties: false,
  $defs: {
    node: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
      required: ["name", "children"],
      additionalProperties: false,
    },
  },
} as const;

export interface FunctionTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
}

export const chatTools = (tools: readonly FunctionTool[] = [READ, LIST]): Params => ({
  tools: tools.map(({ name, description, schema, strict }) => ({
    type: "function",
    function: { name, description, parameters: schema, ...(strict === undefined ? {} : { strict }) },
  })),
});
export const responsesTools = (tools: readonly FunctionTool[] = [READ, LIST]): Params => ({
  tools: tools.map(({ name, description, schema, strict = false }) => ({
    type: "function",
    name,
    description,
    parameters: schema,
    strict,
  })),
});
export const anthropicTools = (tools: readonly FunctionTool[] = [READ, LIST]): Params => ({
  tools: tools.map(({ name, description, schema, strict }) => ({
    name,
    description,
    input_schema: schema,
    ...(strict === undefined ? {} : { strict }),
  })),
});
export const geminiTools = (tools: readonly FunctionTool[] = [READ, LIST]): Params => ({
  tools: [
    {
      functionDeclarations: tools.map(({ name, description, schema }) => ({
        name,
        description,
        parametersJsonSchema: schema,
      })),
    },
  ],
});

/** The client's one message, of the given parts. */
export const chatUser = (...content: object[]): Params => ({ messages: [{ role: "user", content }] });
export const responsesUser = (...content: object[]): Params => ({ input: [{ role: "user", content }] });
export const anthropicUser = (...content: object[]): Params => ({ messages: [{ role: "user", content }] });
export const geminiUser = (...parts: object[]): Params => ({ contents: [{ role: "user", parts }] });

/** `read` and `list`, declared. */
export const TOOLS: Readonly<Record<Protocol, Params>> = {
  "openai-chat": chatTools(),
  "openai-responses": responsesTools(),
  anthropic: anthropicTools(),
  gemini: geminiTools(),
};

/** Asks for much reasoning, and to see it. */
export const THINK: Readonly<Record<Protocol, Params>> = {
  "openai-chat": { reasoning_effort: "high" },
  "openai-responses": { reasoning: { effort: "high", summary: "auto" } },
  anthropic: {
    max_tokens: 16000,
    thinking: { type: "adaptive", display: "summarized" },
    output_config: { effort: "high" },
  },
  gemini: { thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } },
};
