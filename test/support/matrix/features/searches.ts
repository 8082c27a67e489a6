/** What was searched for and found, tools that come and go, and tiers of service. */
import { PROTOCOLS } from "../../../../src/control/protocol.ts";
import { dropped, type Feature, kept, mapped } from "../feature.ts";
import { anthropicUser } from "../says.ts";
import type { Params } from "../talk.ts";

const URL_A = "https://a.example/page";
const FOUND = {
  type: "search_result",
  source: URL_A,
  title: "A page",
  content: [{ type: "text", text: "what it says" }],
};
const AS_TEXT = `A page\n\n${URL_A}\n\nwhat it says`;

/** A turn in which Claude searched the web itself. */
const SEARCHED: Params = {
  messages: [
    { role: "user", content: "Search." },
    {
      role: "assistant",
      content: [
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "a" } },
        {
          type: "web_search_tool_result",
          tool_use_id: "srvtoolu_1",
          content: [
            {
              type: "web_search_result",
              url: URL_A,
              title: "A page",
              encrypted_content: "ZW5j",
              page_age: null,
            },
          ],
        },
        { type: "text", text: "Found." },
      ],
    },
    { role: "user", content: "Go on." },
  ],
  tools: [{ type: "web_search_20250305", name: "web_search" }],
};
const SEARCHED_TEXT = `[web_search: A page — ${URL_A}]`;

const PLACE = { city: "Rome", country: "IT" };
const SCHEMA = { type: "object", properties: { path: { type: "string" } } };
const MODELS = { "openai-chat": "gpt-4.1", "openai-responses": "gpt-5.6-sol", anthropic: "claude-opus-4-8" };

const LATE = { type: "function", name: "late", parameters: SCHEMA, strict: false, defer_loading: true };
const FOUND_AS_TEXT = "[tool_search: Loaded tools: late]";

const NOT_SUMMED_UP = dropped("only Claude can be told to", /context_management: .*not summed up/, [
  "context_management",
]);

export const SEARCHES: readonly Feature[] = [
  {
    name: "results of a search of one's own (`search_result`)",
    group: "Media",
    says: { anthropic: anthropicUser({ type: "text", text: "Look:" }, FOUND) },
    gets: {
      "openai-chat": mapped("text with title and address", { "messages.0.content.1.text": AS_TEXT }),
      "openai-responses": mapped("text with title and address", { "input.0.content.1.text": AS_TEXT }),
      anthropic: kept({}),
      gemini: mapped("text with title and address", {
        "contents.0.parts.1.text": `A page\n${URL_A}`,
        "contents.0.parts.2.text": "what it says",
      }),
    },
  },
  {
    name: "what a web search by the provider found earlier",
    group: "Tools",
    says: { anthropic: SEARCHED },
    gets: {
      "openai-chat": mapped(
        "text with titles and addresses",
        { "messages.1.content.0.text": SEARCHED_TEXT },
        /found is shown as text/,
      ),
      "openai-responses": mapped(
        "text with titles and addresses",
        { "input.1.content.0.text": SEARCHED_TEXT },
        /found is shown as text/,
      ),
      anthropic: kept({}),
      gemini: mapped(
        "text with titles and addresses",
        { "contents.1.parts.0.text": SEARCHED_TEXT },
        /found is shown as text/,
      ),
    },
  },
  {
    name: "web search near a place",
    group: "Tools",
    model: { "openai-chat": "gpt-4o-search-preview" },
    says: {
      "openai-chat": {
        web_search_options: {
          search_context_size: "low",
          user_location: { type: "approximate", approximate: PLACE },
        },
      },
      "openai-responses": {
        tools: [
          {
            type: "web_search",
            search_context_size: "low",
            user_location: { type: "approximate", ...PLACE },
          },
        ],
      },
      anthropic: {
        tools: [
          {
            type: "web_search_20250305",
            name: "web_search",
            user_location: { type: "approximate", ...PLACE },
          },
        ],
      },
    },
    gets: {
      "openai-chat": mapped("`web_search_options`, for models that search", {
        "web_search_options.user_location": { type: "approximate", approximate: PLACE },
      }),
      "openai-responses": mapped("`web_search`", {
        "tools.0.type": "web_search",
        "tools.0.user_location": { type: "approximate", ...PLACE },
      }),
      anthropic: mapped("`web_search`", {
        "tools.0.type": "web_search_20250305",
        "tools.0.user_location": { type: "approximate", ...PLACE },
      }),
      gemini: mapped("`googleSearch`, without the place", { "tools.0": { googleSearch: {} } }, /web_search/),
    },
    except: {
      "openai-responses>anthropic": mapped("`web_search`", {
        "tools.0.user_location": { type: "approximate", ...PLACE },
      }),
    },
  },
  {
    name: "search for tools by the provider",
    group: "Tools",
    model: MODELS,
    says: {
      "openai-responses": {
        tools: [
          { type: "tool_search" },
          { type: "function", name: "late", parameters: SCHEMA, strict: false, defer_loading: true },
        ],
      },
      anthropic: {
        tools: [
          { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" },
          { name: "late", input_schema: SCHEMA, defer_loading: true },
        ],
      },
    },
    gets: {
      "openai-chat": mapped("all tools are shown", { "tools.0.function.name": "late" }, /tool_search/),
      "openai-responses": mapped("`tool_search`, from GPT-5.4 on", {
        "tools.0": { type: "tool_search" },
        "tools.1.name": "late",
        "tools.1.defer_loading": true,
      }),
      anthropic: mapped("`tool_search_tool_bm25`", {
        "tools.0.type": "tool_search_tool_bm25_20251119",
        "tools.0.name": "tool_search_tool_bm25",
        "tools.1.name": "late",
        "tools.1.defer_loading": true,
      }),
      gemini: mapped("all tools are shown", { "tools.0.functionDeclarations.0.name": "late" }, /tool_search/),
    },
  },
  {
    name: "what a search for tools by the provider found earlier",
    group: "Tools",
    model: MODELS,
    says: {
      "openai-responses": {
        input: [
          { role: "user", content: "Search." },
          { type: "tool_search_call", call_id: null, execution: "server", arguments: { paths: ["late"] } },
          { type: "tool_search_output", call_id: null, execution: "server", tools: [LATE] },
          { role: "user", content: "Go on." },
        ],
        tools: [{ type: "tool_search" }, LATE],
      },
      anthropic: {
        messages: [
          { role: "user", content: "Search." },
          {
            role: "assistant",
            content: [
              {
                type: "server_tool_use",
                id: "srvtoolu_1",
                name: "tool_search_tool_bm25",
                input: { query: "late" },
              },
              {
                type: "tool_search_tool_result",
                tool_use_id: "srvtoolu_1",
                content: {
                  type: "tool_search_tool_search_result",
                  tool_references: [{ type: "tool_reference", tool_name: "late" }],
                },
              },
            ],
          },
          { role: "user", content: "Go on." },
        ],
        tools: [
          { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
          { name: "late", input_schema: SCHEMA, defer_loading: true },
        ],
      },
    },
    gets: {
      "openai-chat": mapped(
        "text with the tools' names",
        { "messages.1.content": FOUND_AS_TEXT },
        /found is shown as text/,
      ),
      "openai-responses": mapped("`tool_search_call` and `tool_search_output`, from GPT-5.4 on", {
        "input.1.type": "tool_search_call",
        "input.1.arguments": { paths: ["late"], query: "late" },
        "input.2.type": "tool_search_output",
        "input.2.tools": [LATE],
      }),
      anthropic: mapped("`server_tool_use` and `tool_search_tool_result`", {
        "messages.1.content.0.name": "tool_search_tool_bm25",
        "messages.1.content.0.input": { query: "late" },
        "messages.1.content.1.content.tool_references": [{ type: "tool_reference", tool_name: "late" }],
        "tools.1.defer_loading": true,
        "tools.2": undefined,
      }),
      gemini: mapped(
        "text with the tools' names",
        { "contents.1.parts.0.text": FOUND_AS_TEXT },
        /found is shown as text/,
      ),
    },
  },
  {
    name: "a long conversation is summed up by the provider",
    group: "Rest",
    model: "reasoning",
    says: {
      "openai-responses": { context_management: [{ type: "compaction", compact_threshold: 100_000 }] },
      anthropic: {
        context_management: {
          edits: [{ type: "compact_20260112", trigger: { type: "input_tokens", value: 100_000 } }],
        },
      },
    },
    gets: {
      "openai-chat": NOT_SUMMED_UP,
      "openai-responses": dropped(
        "OpenAI's summary is encrypted, and the client has to read it",
        /context_management: .*encrypts/,
        ["context_management"],
      ),
      anthropic: mapped("`compact_20260112`, from Claude 4.6 on", {
        context_management: {
          edits: [{ type: "compact_20260112", trigger: { type: "input_tokens", value: 100_000 } }],
        },
      }),
      gemini: NOT_SUMMED_UP,
    },
  },
  {
    name: "such summing up at fewer tokens than Anthropic takes",
    group: "Rest",
    model: "reasoning",
    says: { "openai-responses": { context_management: [{ type: "compaction", compact_threshold: 2_000 }] } },
    gets: {
      "openai-chat": NOT_SUMMED_UP,
      "openai-responses": kept({}),
      anthropic: mapped(
        "50,000, the least",
        { "context_management.edits.0.trigger": { type: "input_tokens", value: 50_000 } },
        /context_management: 50000 tokens is the least/,
      ),
      gemini: NOT_SUMMED_UP,
    },
  },
  {
    name: "such summing up by a model that cannot",
    group: "Rest",
    says: { "openai-responses": { context_management: [{ type: "compaction" }] } },
    gets: {
      "openai-chat": NOT_SUMMED_UP,
      "openai-responses": kept({}),
      anthropic: dropped("before Claude 4.6", /context_management: this model/, ["context_management"]),
      gemini: NOT_SUMMED_UP,
    },
  },
  {
    name: "`context_management` that clears",
    group: "Rest",
    says: { anthropic: { context_management: { edits: [{ type: "clear_thinking_20251015" }] } } },
    gets: Object.fromEntries(
      PROTOCOLS.map((target) => [
        target,
        dropped(
          "what one provider takes out of a conversation, another cannot know of",
          /context_management/,
          ["context_management"],
        ),
      ]),
    ) as Feature["gets"],
  },
  {
    name: "service tier `flex`",
    group: "Rest",
    says: {
      "openai-chat": { service_tier: "flex" },
      "openai-responses": { service_tier: "flex" },
      gemini: { serviceTier: "flex" },
    },
    gets: {
      "openai-chat": kept({ service_tier: "flex" }),
      "openai-responses": kept({ service_tier: "flex" }),
      anthropic: dropped("any other costs more, and none is asked for", /service_tier/, ["service_tier"]),
      gemini: kept({ serviceTier: "flex" }),
    },
  },
  {
    name: "service tier `fast`",
    group: "Rest",
    says: { "openai-chat": { service_tier: "fast" }, "openai-responses": { service_tier: "fast" } },
    gets: {
      "openai-chat": kept({ service_tier: "fast" }),
      "openai-responses": kept({ service_tier: "fast" }),
      anthropic: dropped("`speed: fast` costs more", /service_tier/, ["service_tier", "speed"]),
      gemini: dropped("", /service_tier/, ["serviceTier"]),
    },
  },
  {
    name: "service tier `ultrafast`",
    group: "Rest",
    says: { "openai-responses": { service_tier: "ultrafast" } },
    gets: {
      "openai-chat": mapped("`fast`, which costs less", { service_tier: "fast" }, /fast was sent/),
      "openai-responses": kept({}),
      anthropic: dropped("`speed: fast` costs more", /service_tier/, ["service_tier", "speed"]),
      gemini: dropped("", /service_tier/, ["serviceTier"]),
    },
  },
  {
    name: "service tier `default`, `speed: standard`",
    group: "Rest",
    says: {
      "openai-chat": { service_tier: "default" },
      "openai-responses": { service_tier: "default" },
      anthropic: { speed: "standard" },
      gemini: { serviceTier: "standard" },
    },
    gets: {
      "openai-chat": kept({ service_tier: "default" }),
      "openai-responses": kept({ service_tier: "default" }),
      anthropic: mapped("`standard_only`", { service_tier: "standard_only" }),
      gemini: mapped("`standard`", { serviceTier: "standard" }),
    },
    except: Object.fromEntries(
      ["openai-chat", "openai-responses", "gemini"].map((target) => [
        `anthropic>${target}`,
        mapped("what is served anyway", {}),
      ]),
    ),
  },
];
