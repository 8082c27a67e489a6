/** Texts, names and types that one protocol takes and another refuses. */
import { createHash } from "node:crypto";
import { dropped, type Feature, kept, mapped } from "../feature.ts";
import {
  anthropicTools,
  anthropicUser,
  chatTools,
  chatUser,
  geminiTools,
  geminiUser,
  PDF,
  PNG,
  responsesTools,
  responsesUser,
} from "../says.ts";

const LONG = "user-".repeat(30);
const SHORT = createHash("sha256").update(LONG).digest("hex");

const everywhere = (schema: Record<string, unknown>): Feature["says"] => {
  const tools = [{ name: "deep", description: "Takes much", schema }];
  return {
    "openai-chat": chatTools(tools),
    "openai-responses": responsesTools(tools),
    anthropic: anthropicTools(tools),
    gemini: geminiTools(tools),
  };
};
const SAFETY = "s".repeat(150);
const SHORT_SAFETY = createHash("sha256").update(SAFETY).digest("hex");
const SHARED = {
  safety_identifier: SAFETY,
  prompt_cache_options: { mode: "implicit", ttl: "30m" },
  moderation: { model: "omni-moderation-latest" },
};
const OPEN = { type: "object", properties: { list: { type: "array" }, either: { type: ["array", "null"] } } };
const CLOSED = {
  type: "object",
  properties: { list: { type: "array", items: {} }, either: { type: ["array", "null"], items: {} } },
};
const ARGS = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const REFERS = { $ref: "#/$defs/Args", $defs: { Args: ARGS } };
const DEEP = "settings__approved__or__denied__countries__or__regions__approved__list";
const ODD = {
  type: "object",
  properties: {
    $filter: { type: "string" },
    "filter[id]": { type: "object", properties: { "a b": { type: "string" } }, required: ["a b"] },
    [DEEP]: { type: "string" },
    plain: { type: "string" },
  },
  required: ["$filter", "plain"],
};
const CLOSED_ODD = {
  type: "object",
  properties: { $filter: { type: "string" }, plain: { type: "string" } },
  required: ["$filter", "plain"],
  additionalProperties: false,
};
const CLOSED_REFERS = { $ref: "#/$defs/Args", $defs: { Args: { ...ARGS, additionalProperties: false } } };
const PHOTO = `data:image/jpg;base64,${PNG}`;
const FILE = `data:application/octet-stream;base64,${PDF}`;

export const LIMITS: readonly Feature[] = [
  {
    name: "ids of users and keys of caches longer than 64 characters",
    refusedIn: ["openai-chat", "openai-responses"],
    group: "Rest",
    says: {
      "openai-chat": { user: LONG, prompt_cache_key: LONG },
      "openai-responses": { user: LONG, prompt_cache_key: LONG },
    },
    gets: {
      "openai-chat": mapped("a digest, always the same", { user: SHORT, prompt_cache_key: SHORT }),
      "openai-responses": mapped("a digest, always the same", { user: SHORT, prompt_cache_key: SHORT }),
      anthropic: kept({ metadata: { user_id: LONG } }, "512 characters are taken there"),
      gemini: dropped("", /user/),
    },
  },
  {
    name: "`metadata.user_id` longer than 64 characters",
    group: "Rest",
    says: { anthropic: { metadata: { user_id: LONG } } },
    gets: {
      "openai-chat": mapped("a digest, always the same", { user: SHORT }),
      "openai-responses": mapped("a digest, always the same", { user: SHORT }),
      anthropic: kept({}),
      gemini: dropped("", /user/),
    },
  },
  {
    name: "images called `image/jpg`",
    refusedIn: ["anthropic"],
    group: "Media",
    says: {
      "openai-chat": chatUser({ type: "image_url", image_url: { url: PHOTO } }),
      "openai-responses": responsesUser({ type: "input_image", image_url: PHOTO, detail: "auto" }),
      anthropic: anthropicUser({
        type: "image",
        source: { type: "base64", media_type: "image/jpg", data: PNG },
      }),
      gemini: geminiUser({ inlineData: { mimeType: "image/jpg", data: PNG } }),
    },
    gets: {
      "openai-chat": mapped("`image/jpeg`", {
        "messages.0.content.0.image_url.url": `data:image/jpeg;base64,${PNG}`,
      }),
      "openai-responses": mapped("`image/jpeg`", {
        "input.0.content.0.image_url": `data:image/jpeg;base64,${PNG}`,
      }),
      anthropic: mapped("`image/jpeg`", {
        "messages.0.content.0.source": { type: "base64", media_type: "image/jpeg", data: PNG },
      }),
      gemini: mapped("`image/jpeg`", {
        "contents.0.parts.0.inlineData": { mimeType: "image/jpeg", data: PNG },
      }),
    },
  },
  {
    name: "files called `application/octet-stream`",
    refusedIn: ["gemini"],
    group: "Media",
    says: {
      "openai-chat": chatUser({ type: "file", file: { filename: "a.pdf", file_data: FILE } }),
      "openai-responses": responsesUser({ type: "input_file", filename: "a.pdf", file_data: FILE }),
      gemini: geminiUser({
        inlineData: { mimeType: "application/octet-stream", displayName: "a.pdf", data: PDF },
      }),
    },
    gets: {
      "openai-chat": mapped("by the file's name", {
        "messages.0.content.0.file.file_data": `data:application/pdf;base64,${PDF}`,
      }),
      "openai-responses": mapped("by the file's name", {
        "input.0.content.0.file_data": `data:application/pdf;base64,${PDF}`,
      }),
      anthropic: mapped("by the file's name", {
        "messages.0.content.0.source": { type: "base64", media_type: "application/pdf", data: PDF },
      }),
      gemini: mapped("by the file's name", {
        "contents.0.parts.0.inlineData": { mimeType: "application/pdf", data: PDF },
      }),
    },
  },
  {
    name: "fields that are null",
    group: "Rest",
    says: {
      "openai-chat": { prediction: null, moderation: null, safety_identifier: null },
      "openai-responses": { truncation: null, max_tool_calls: null, safety_identifier: null, prompt: null },
      anthropic: { context_management: null, container: null, speed: null },
    },
    gets: {
      "openai-chat": mapped("as if they were not there", {}),
      "openai-responses": mapped("as if they were not there", {}),
      anthropic: mapped("as if they were not there", {}),
      gemini: mapped("as if they were not there", {}),
    },
  },
  {
    name: "system text in blocks of which one is empty",
    refusedIn: ["anthropic"],
    group: "Prompt",
    says: {
      anthropic: {
        system: [
          { type: "text", text: "" },
          { type: "text", text: "Be kind." },
        ],
      },
    },
    gets: {
      "openai-chat": mapped("left out", { "messages.0": { role: "system", content: "Be kind." } }),
      "openai-responses": mapped("left out", {
        "input.0.content": [{ type: "input_text", text: "Be kind." }],
      }),
      anthropic: kept({}),
      gemini: mapped("left out", { "systemInstruction.parts": [{ text: "Be kind." }] }),
    },
  },
  {
    name: "arrays without `items`",
    refusedIn: ["openai-chat", "openai-responses"],
    group: "Tools",
    says: everywhere(OPEN),
    gets: {
      "openai-chat": mapped("`items: {}`", { "tools.0.function.parameters": CLOSED }),
      "openai-responses": mapped("`items: {}`", { "tools.0.parameters": CLOSED }),
      anthropic: kept({ "tools.0.input_schema": OPEN }),
      gemini: mapped("`items: {}` where Gemini's dialect wants it", {}),
    },
  },
  {
    name: "schemas that are a reference to a definition",
    refusedIn: ["openai-chat", "openai-responses", "anthropic"],
    group: "Tools",
    says: everywhere(REFERS),
    gets: {
      "openai-chat": mapped("what it refers to", {
        "tools.0.function.parameters.type": "object",
        "tools.0.function.parameters.properties": ARGS.properties,
      }),
      "openai-responses": mapped("what it refers to", {
        "tools.0.parameters.type": "object",
        "tools.0.parameters.properties": ARGS.properties,
      }),
      anthropic: mapped("what it refers to", {
        "tools.0.input_schema.type": "object",
        "tools.0.input_schema.properties": ARGS.properties,
      }),
      gemini: mapped("what it refers to", {
        "tools.0.functionDeclarations.0.parametersJsonSchema.type": "object",
        "tools.0.functionDeclarations.0.parametersJsonSchema.properties": ARGS.properties,
      }),
    },
  },
  {
    name: "parameters with names that Anthropic refuses",
    refusedIn: ["anthropic"],
    group: "Tools",
    says: everywhere(ODD),
    gets: {
      "openai-chat": kept({ "tools.0.function.parameters.properties": ODD.properties }),
      "openai-responses": kept({ "tools.0.parameters.properties": ODD.properties }),
      anthropic: mapped("other names, and the client's own in calls", {
        "tools.0.input_schema.properties._filter": { type: "string" },
        "tools.0.input_schema.properties.filter_id_": {
          type: "object",
          properties: { a_b: { type: "string" } },
          required: ["a_b"],
        },
        "tools.0.input_schema.properties.plain": { type: "string" },
        "tools.0.input_schema.required": ["_filter", "plain"],
      }),
      gemini: kept({
        "tools.0.functionDeclarations.0.parametersJsonSchema.properties.$filter": { type: "string" },
      }),
    },
  },
  {
    name: "JSON by a schema with names that Anthropic refuses",
    group: "Output",
    model: { anthropic: "claude-opus-4-8" },
    says: {
      "openai-chat": {
        response_format: { type: "json_schema", json_schema: { name: "out", schema: CLOSED_ODD } },
      },
      "openai-responses": {
        text: { format: { type: "json_schema", name: "out", schema: CLOSED_ODD, strict: false } },
      },
      gemini: { responseMimeType: "application/json", responseJsonSchema: CLOSED_ODD },
    },
    gets: {
      "openai-chat": kept({ "response_format.json_schema.schema.properties.$filter": { type: "string" } }),
      "openai-responses": kept({ "text.format.schema.properties.$filter": { type: "string" } }),
      anthropic: mapped("other names, and the client's own in the answer", {
        "output_config.format.schema.properties._filter": { type: "string" },
        "output_config.format.schema.required": ["_filter", "plain"],
      }),
      gemini: kept({ "generationConfig.responseJsonSchema.properties.$filter": { type: "string" } }),
    },
  },
  {
    name: "JSON by a schema that is a reference to a definition",
    group: "Output",
    model: { anthropic: "claude-opus-4-8" },
    says: {
      "openai-responses": {
        text: { format: { type: "json_schema", name: "out", schema: CLOSED_REFERS, strict: true } },
      },
      gemini: { responseMimeType: "application/json", responseJsonSchema: CLOSED_REFERS },
    },
    gets: {
      "openai-chat": mapped("what it refers to", {
        "response_format.json_schema.schema.type": "object",
        "response_format.json_schema.schema.properties": ARGS.properties,
      }),
      "openai-responses": mapped("what it refers to", {
        "text.format.schema.type": "object",
        "text.format.schema.properties": ARGS.properties,
      }),
      anthropic: mapped("what it refers to", {
        "output_config.format.schema.type": "object",
        "output_config.format.schema.properties": ARGS.properties,
      }),
      gemini: mapped("what it refers to", {
        "generationConfig.responseJsonSchema.type": "object",
        "generationConfig.responseJsonSchema.properties": ARGS.properties,
      }),
    },
  },
  {
    refusedIn: ["openai-chat"],
    name: "`safety_identifier`, `prompt_cache_options`, `moderation`",
    group: "Rest",
    says: { "openai-chat": SHARED, "openai-responses": SHARED },
    gets: {
      "openai-chat": kept({ ...SHARED, safety_identifier: SHORT_SAFETY }),
      "openai-responses": kept({ ...SHARED, safety_identifier: SHORT_SAFETY }),
      anthropic: dropped(
        "",
        /safety_identifier.*prompt_cache_options|prompt_cache_options.*safety_identifier/,
        ["moderation"],
      ),
      gemini: dropped("", /safety_identifier/, ["moderation"]),
    },
  },
  {
    name: "cache markers, for models that take breakpoints",
    group: "Rest",
    model: { "openai-chat": "gpt-5.6-sol", "openai-responses": "gpt-5.6-sol" },
    says: {
      "openai-chat": chatUser({ type: "text", text: "Long", prompt_cache_breakpoint: { mode: "explicit" } }),
      "openai-responses": responsesUser({
        type: "input_text",
        text: "Long",
        prompt_cache_breakpoint: { mode: "explicit" },
      }),
      anthropic: anthropicUser({ type: "text", text: "Long", cache_control: { type: "ephemeral" } }),
    },
    gets: {
      "openai-chat": kept({ "messages.0.content.0.prompt_cache_breakpoint": { mode: "explicit" } }),
      "openai-responses": kept({ "input.0.content.0.prompt_cache_breakpoint": { mode: "explicit" } }),
      anthropic: kept({ "messages.0.content.0.cache_control": { type: "ephemeral" } }),
      gemini: mapped("prompts are cached there without markers", {}),
    },
  },
  {
    name: "web search without access to the live web",
    group: "Tools",
    says: { "openai-responses": { tools: [{ type: "web_search", external_web_access: false }] } },
    gets: {
      "openai-chat": dropped("a live search never takes its place", /web_search/, [
        "web_search_options",
        "tools",
      ]),
      "openai-responses": kept({}),
      anthropic: dropped("a live search never takes its place", /web_search/, ["tools"]),
      gemini: dropped("a live search never takes its place", /web_search/, ["tools"]),
    },
  },
  {
    name: "`speed: fast`",
    group: "Rest",
    says: { anthropic: { speed: "fast" } },
    gets: {
      "openai-chat": dropped("it would cost more", /speed/, ["service_tier"]),
      "openai-responses": dropped("it would cost more", /speed/, ["service_tier"]),
      anthropic: kept({}),
      gemini: dropped("it would cost more", /speed/, ["serviceTier"]),
    },
  },
];
