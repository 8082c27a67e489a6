/** Tools other than functions. */
import { dropped, type Feature, kept, mapped } from "../feature.ts";
import { SCHEMA } from "../says.ts";

export const TOOLS: readonly Feature[] = [
  {
    name: "custom (free-text) tools with a grammar",
    group: "Tools",
    says: {
      "openai-chat": {
        tools: [
          {
            type: "custom",
            custom: {
              name: "edit",
              description: "Edits",
              format: { type: "grammar", grammar: { syntax: "lark", definition: "start: WORD" } },
            },
          },
        ],
      },
      "openai-responses": {
        tools: [
          {
            type: "custom",
            name: "edit",
            description: "Edits",
            format: { type: "grammar", syntax: "lark", definition: "start: WORD" },
          },
        ],
      },
    },
    gets: {
      "openai-chat": kept({ "tools.0.custom.format.grammar": { syntax: "lark", definition: "start: WORD" } }),
      "openai-responses": kept({
        "tools.0.format": { type: "grammar", syntax: "lark", definition: "start: WORD" },
      }),
      anthropic: mapped(
        "a function with one text `input`, and back in the reply; the grammar is described",
        { "tools.0.name": "edit", "tools.0.input_schema.required": ["input"] },
        /grammar/,
      ),
      gemini: mapped(
        "a function with one text `input`, and back in the reply; the grammar is described",
        { "tools.0.functionDeclarations.0.parametersJsonSchema.required": ["input"] },
        /grammar/,
      ),
    },
  },
  {
    name: "namespaces of tools",
    group: "Tools",
    says: {
      "openai-responses": {
        tools: [
          {
            type: "namespace",
            name: "fs",
            description: "Files",
            tools: [
              { type: "function", name: "read", description: "Reads", parameters: SCHEMA, strict: false },
            ],
          },
        ],
      },
    },
    gets: {
      "openai-chat": mapped("`fs__read`, and back in the reply", { "tools.0.function.name": "fs__read" }),
      "openai-responses": kept({}),
      anthropic: mapped("`fs__read`, and back in the reply", { "tools.0.name": "fs__read" }),
      gemini: mapped("`fs__read`, and back in the reply", {
        "tools.0.functionDeclarations.0.name": "fs__read",
      }),
    },
  },
  {
    name: "`local_shell`",
    group: "Tools",
    says: { "openai-responses": { tools: [{ type: "local_shell" }] } },
    gets: {
      "openai-chat": mapped("a function, and back in the reply", { "tools.0.function.name": "local_shell" }),
      "openai-responses": kept({}),
      anthropic: mapped("a function, and back in the reply", { "tools.0.name": "local_shell" }),
      gemini: mapped("a function, and back in the reply", {
        "tools.0.functionDeclarations.0.name": "local_shell",
      }),
    },
  },
  {
    name: "`apply_patch`",
    group: "Tools",
    says: { "openai-responses": { tools: [{ type: "apply_patch" }] } },
    gets: {
      "openai-chat": mapped("a function, and back in the reply", { "tools.0.function.name": "apply_patch" }),
      "openai-responses": kept({}),
      anthropic: mapped("a function, and back in the reply", { "tools.0.name": "apply_patch" }),
      gemini: mapped("a function, and back in the reply", {
        "tools.0.functionDeclarations.0.name": "apply_patch",
      }),
    },
  },
  {
    name: "`bash` and text editor",
    group: "Tools",
    says: {
      anthropic: {
        tools: [
          { type: "bash_20250124", name: "bash" },
          { type: "text_editor_20250728", name: "str_replace_based_edit_tool" },
        ],
      },
    },
    gets: {
      "openai-chat": mapped("functions of the same names", {
        "tools.0.function.name": "bash",
        "tools.1.function.name": "str_replace_based_edit_tool",
      }),
      "openai-responses": mapped("functions of the same names", {
        "tools.0.name": "bash",
        "tools.1.type": "function",
      }),
      anthropic: kept({}),
      gemini: mapped("functions of the same names", { "tools.0.functionDeclarations.0.name": "bash" }),
    },
  },
  {
    name: "web search by the provider",
    group: "Tools",
    says: {
      "openai-responses": { tools: [{ type: "web_search" }] },
      anthropic: { tools: [{ type: "web_search_20250305", name: "web_search" }] },
      gemini: { tools: [{ googleSearch: {} }] },
    },
    gets: {
      "openai-chat": dropped("kept for models that search (`-search-preview`)", /web_search/, ["tools"]),
      "openai-responses": mapped("`web_search`", { tools: [{ type: "web_search" }] }),
      anthropic: mapped("`web_search`", { "tools.0.type": "web_search_20250305" }),
      gemini: mapped("`googleSearch`", { tools: [{ googleSearch: {} }] }),
    },
  },
  {
    name: "code execution by the provider",
    group: "Tools",
    says: {
      "openai-responses": { tools: [{ type: "code_interpreter", container: { type: "auto" } }] },
      anthropic: { tools: [{ type: "code_execution_20250825", name: "code_execution" }] },
      gemini: { tools: [{ codeExecution: {} }] },
    },
    gets: {
      "openai-chat": dropped("", /code_execution/, ["tools"]),
      "openai-responses": mapped("`code_interpreter`", {
        tools: [{ type: "code_interpreter", container: { type: "auto" } }],
      }),
      anthropic: mapped("`code_execution`", { "tools.0.type": "code_execution_20250825" }),
      gemini: mapped("`codeExecution`", { tools: [{ codeExecution: {} }] }),
    },
    except: {
      "openai-responses>gemini": mapped(
        "`codeExecution`, without the container's settings",
        { tools: [{ codeExecution: {} }] },
        /container/,
      ),
    },
  },
];
