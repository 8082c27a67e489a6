/** Functions and the choice among them. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";
import { anthropicTools, chatTools, geminiTools, responsesTools, SCHEMA } from "../says.ts";

const T = { chat: chatTools(), resp: responsesTools(), anth: anthropicTools(), gem: geminiTools() };
const DEEP = [{ name: "deep", description: "Takes a tree", schema: SCHEMA }] as const;
const STRICT = [{ ...DEEP[0], strict: true }] as const;
const choice = (chat: unknown, resp: unknown, anth: unknown, gem: unknown): Feature["says"] => ({
  "openai-chat": { ...T.chat, tool_choice: chat },
  "openai-responses": { ...T.resp, tool_choice: resp },
  anthropic: { ...T.anth, tool_choice: anth },
  gemini: { ...T.gem, toolConfig: { functionCallingConfig: gem } },
});

export const TOOL_CHOICE: readonly Feature[] = [
  {
    name: "functions, with any JSON schema",
    group: "Tools",
    says: {
      "openai-chat": chatTools(DEEP),
      "openai-responses": responsesTools(DEEP),
      anthropic: anthropicTools(DEEP),
      gemini: geminiTools(DEEP),
    },
    gets: {
      "openai-chat": kept({ "tools.0.function.parameters": SCHEMA }),
      "openai-responses": kept({ "tools.0.parameters": SCHEMA }),
      anthropic: kept({ "tools.0.input_schema": SCHEMA }),
      gemini: kept(
        {
          "tools.0.functionDeclarations.0.parametersJsonSchema.properties.tree": { $ref: "#/$defs/node" },
          "tools.0.functionDeclarations.0.parametersJsonSchema.$defs": SCHEMA.$defs,
        },
        "as `parametersJsonSchema`; a `const` becomes an `enum` of one",
      ),
    },
  },
  {
    name: "strict functions",
    group: "Tools",
    says: {
      "openai-chat": chatTools(STRICT),
      "openai-responses": responsesTools(STRICT),
      anthropic: anthropicTools(STRICT),
    },
    gets: {
      "openai-chat": kept({ "tools.0.function.strict": true }),
      "openai-responses": kept({ "tools.0.strict": true }),
      anthropic: mapped(
        "kept where Anthropic's strict dialect has every keyword; recursion it has not",
        { "tools.0.input_schema": SCHEMA },
        /strict/,
      ),
      gemini: dropped("the schema is given, not enforced", /strict/),
    },
  },
  {
    name: "tool choice: auto",
    group: "Tools",
    says: choice("auto", "auto", { type: "auto" }, { mode: "AUTO" }),
    gets: {
      "openai-chat": kept({ tool_choice: "auto" }),
      "openai-responses": kept({ tool_choice: "auto" }),
      anthropic: kept({ tool_choice: { type: "auto" } }),
      gemini: kept({ "toolConfig.functionCallingConfig": { mode: "AUTO" } }),
    },
  },
  {
    name: "tool choice: none",
    group: "Tools",
    says: choice("none", "none", { type: "none" }, { mode: "NONE" }),
    gets: {
      "openai-chat": kept({ tool_choice: "none" }),
      "openai-responses": kept({ tool_choice: "none" }),
      anthropic: kept({ tool_choice: { type: "none" } }),
      gemini: kept({ "toolConfig.functionCallingConfig": { mode: "NONE" } }),
    },
  },
  {
    name: "tool choice: any tool",
    group: "Tools",
    says: choice("required", "required", { type: "any" }, { mode: "ANY" }),
    gets: {
      "openai-chat": kept({ tool_choice: "required" }),
      "openai-responses": kept({ tool_choice: "required" }),
      anthropic: kept({ tool_choice: { type: "any" } }),
      gemini: kept({ "toolConfig.functionCallingConfig": { mode: "ANY" } }),
    },
  },
  {
    name: "tool choice: a named tool",
    group: "Tools",
    says: choice(
      { type: "function", function: { name: "list" } },
      { type: "function", name: "list" },
      { type: "tool", name: "list" },
      { mode: "ANY", allowedFunctionNames: ["list"] },
    ),
    gets: {
      "openai-chat": kept({ tool_choice: { type: "function", function: { name: "list" } } }),
      "openai-responses": kept({ tool_choice: { type: "function", name: "list" } }),
      anthropic: kept({ tool_choice: { type: "tool", name: "list" } }),
      gemini: kept({ "toolConfig.functionCallingConfig": { mode: "ANY", allowedFunctionNames: ["list"] } }),
    },
  },
  {
    name: "tool choice: some tools",
    group: "Tools",
    says: {
      "openai-chat": {
        ...T.chat,
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: {
            mode: "required",
            tools: [
              { type: "function", function: { name: "read" } },
              { type: "function", function: { name: "list" } },
            ],
          },
        },
      },
      "openai-responses": {
        ...T.resp,
        tool_choice: {
          type: "allowed_tools",
          mode: "required",
          tools: [
            { type: "function", name: "read" },
            { type: "function", name: "list" },
          ],
        },
      },
      gemini: {
        ...T.gem,
        toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["read", "list"] } },
      },
    },
    gets: {
      "openai-chat": kept({
        "tool_choice.allowed_tools.mode": "required",
        "tool_choice.allowed_tools.tools.1.function.name": "list",
      }),
      "openai-responses": kept({
        "tool_choice.mode": "required",
        "tool_choice.tools.1": { type: "function", name: "list" },
      }),
      anthropic: mapped("any tool; those that are not allowed are not declared", {
        tool_choice: { type: "any" },
      }),
      gemini: kept({
        "toolConfig.functionCallingConfig": { mode: "ANY", allowedFunctionNames: ["read", "list"] },
      }),
    },
  },
  {
    name: "one tool call at a time",
    group: "Tools",
    says: {
      "openai-chat": { ...T.chat, parallel_tool_calls: false },
      "openai-responses": { ...T.resp, parallel_tool_calls: false },
      anthropic: { ...T.anth, tool_choice: { type: "auto", disable_parallel_tool_use: true } },
    },
    gets: {
      "openai-chat": kept({ parallel_tool_calls: false }),
      "openai-responses": kept({ parallel_tool_calls: false }),
      anthropic: kept({ "tool_choice.disable_parallel_tool_use": true }),
      gemini: dropped("", /parallel_tool_calls/),
    },
  },
];
