/**
 * Refusals of *requests*: what providers document or their users report, and the same with words in
 * them that a request can put there. No account is to blame for any of them.
 */
import type { ProviderId } from "../../../src/gateway/providers/ids.ts";
import { anthropic, google, openai } from "./failures.cases.ts";

export interface RequestCase {
  readonly name: string;
  readonly provider: ProviderId;
  readonly status: 400 | 404 | 413 | 415 | 422 | 500;
  readonly body: unknown;
}

const invalid = (message: string, code: string | null = null, param: string | null = null) =>
  openai(message, "invalid_request_error", code, param);
const wrong = (message: string) => anthropic("invalid_request_error", message);
const argument = (message: string) => google(400, "INVALID_ARGUMENT", message);

const DOCUMENTED: readonly RequestCase[] = [
  // OpenAI
  {
    name: "token id",
    provider: "openai",
    status: 400,
    body: invalid("logit_bias: invalid token id 999999"),
  },
  {
    name: "temperature",
    provider: "openai",
    status: 400,
    body: invalid("invalid model parameter: temperature must be <= 2"),
  },
  {
    name: "model without tools",
    provider: "openai",
    status: 404,
    body: invalid("Model gpt-5-chat-latest is not supported with tools"),
  },
  {
    name: "unsupported parameter",
    provider: "openai",
    status: 400,
    body: invalid(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "unsupported_parameter",
      "max_tokens",
    ),
  },
  {
    name: "unsupported value",
    provider: "openai",
    status: 400,
    body: invalid(
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      "unsupported_value",
      "temperature",
    ),
  },
  {
    name: "a user of 150 characters",
    provider: "openai",
    status: 400,
    body: invalid(
      "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 150 instead.",
      "string_above_max_length",
      "user",
    ),
  },
  {
    name: "tool names",
    provider: "openai",
    status: 400,
    body: invalid(
      "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
      "invalid_value",
      "tools[0].function.name",
    ),
  },
  {
    name: "tool calls without replies",
    provider: "openai",
    status: 400,
    body: invalid(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
      null,
      "messages.[2].role",
    ),
  },
  {
    name: "schema",
    provider: "openai",
    status: 400,
    body: invalid(
      "Invalid schema for response_format 'billing_details': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      "invalid_json_schema",
      "response_format",
    ),
  },
  {
    name: "JSON that is none",
    provider: "openai",
    status: 400,
    body: invalid("We could not parse the JSON body of your request."),
  },
  {
    name: "stored response of nobody",
    provider: "openai",
    status: 404,
    body: invalid("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
  },
  {
    name: "flagged",
    provider: "openai",
    status: 400,
    body: invalid("Invalid prompt: your prompt was flagged as violating our usage policy.", "invalid_prompt"),
  },
  // Anthropic
  {
    name: "roles",
    provider: "anthropic",
    status: 400,
    body: wrong("messages: roles must alternate between user and assistant, but found multiple user roles"),
  },
  {
    name: "cache marks",
    provider: "anthropic",
    status: 400,
    body: wrong("A maximum of 4 blocks with cache_control may be provided. Found 5."),
  },
  {
    name: "tool name",
    provider: "anthropic",
    status: 400,
    body: wrong("tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
  },
  {
    name: "tool of that name",
    provider: "anthropic",
    status: 400,
    body: wrong("tool_choice.name: model does not exist among the tools: credit balance is too low"),
  },
  {
    name: "an odd block",
    provider: "anthropic",
    status: 400,
    body: wrong(
      "messages.0.content.0: Input tag 'usage limit reached' found using 'type' does not match any of the expected tags: 'document', 'image', 'text'",
    ),
  },
  {
    name: "document of nobody",
    provider: "anthropic",
    status: 404,
    body: anthropic("not_found_error", "Not found: has been suspended"),
  },
  {
    name: "max_tokens",
    provider: "anthropic",
    status: 400,
    body: wrong("max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for it"),
  },
  // Google
  {
    name: "field",
    provider: "gemini",
    status: 400,
    body: argument(
      "Invalid JSON payload received. Unknown name \"api key not valid\" at 'generation_config': Cannot find field.",
    ),
  },
  {
    name: "bare argument",
    provider: "gemini",
    status: 400,
    body: argument("Request contains an invalid argument."),
  },
  {
    name: "function turns",
    provider: "gemini",
    status: 400,
    body: argument(
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
    ),
  },
  {
    name: "function name",
    provider: "gemini",
    status: 400,
    body: argument(
      "* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name. Must start with a letter: invalid api key",
    ),
  },
  {
    name: "MIME type",
    provider: "gemini",
    status: 400,
    body: argument("Unsupported MIME type: user location is not supported"),
  },
  {
    name: "legacy shape",
    provider: "gemini",
    status: 400,
    body: [
      {
        error: {
          code: 400,
          message: "Request contains an invalid argument: billing account disabled",
          errors: [
            {
              message: "Request contains an invalid argument: billing account disabled",
              domain: "global",
              reason: "badRequest",
            },
          ],
          status: "INVALID_ARGUMENT",
        },
      },
    ],
  },
  // OpenRouter
  {
    name: "provider's words",
    provider: "openrouter",
    status: 400,
    body: {
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: {
          provider_name: "OpenAI",
          raw: JSON.stringify(invalid("stop: invalid token, too many requests for stop sequences")),
        },
      },
    },
  },
  {
    name: "no messages",
    provider: "openrouter",
    status: 400,
    body: { error: { message: 'Input required: specify "prompt" or "messages"', code: 400 } },
  },
  {
    name: "JSON mode",
    provider: "openrouter",
    status: 400,
    body: {
      error: { message: "response_format: model does not support insufficient credits as schema", code: 400 },
    },
  },
  // DeepSeek
  {
    name: "format",
    provider: "deepseek",
    status: 422,
    body: openai(
      "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `insufficient balance`, expected one of `system`, `user`",
      "invalid_request_error",
      "invalid_request_error",
    ),
  },
  {
    name: "max_tokens",
    provider: "deepseek",
    status: 400,
    body: openai(
      "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
      "invalid_request_error",
      "invalid_request_error",
    ),
  },
  // Groq
  {
    name: "tool use",
    provider: "groq",
    status: 400,
    body: {
      error: {
        message: "Failed to call a function. Please adjust your prompt.",
        type: "invalid_request_error",
        code: "tool_use_failed",
        failed_generation: "invalid api key",
      },
    },
  },
  {
    name: "property",
    provider: "groq",
    status: 400,
    body: invalid("'messages.0' : property 'rate limit exceeded' is unsupported"),
  },
  {
    name: "JSON validation",
    provider: "groq",
    status: 400,
    body: {
      error: {
        message: "Failed to generate JSON. Please adjust your prompt.",
        type: "invalid_request_error",
        code: "json_validate_failed",
        failed_generation: "too many requests",
      },
    },
  },
  // Mistral
  {
    name: "validation",
    provider: "mistral",
    status: 422,
    body: {
      object: "error",
      message: {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "user"],
            msg: "Extra inputs are not permitted",
            input: "invalid api key",
          },
        ],
      },
      type: "invalid_request_error",
      param: null,
      code: null,
    },
  },
  {
    name: "pydantic's words",
    provider: "mistral",
    status: 422,
    body: {
      detail: [{ type: "value_error", loc: ["body"], msg: "Value error, account has been suspended" }],
    },
  },
  {
    name: "tool call ids",
    provider: "mistral",
    status: 400,
    body: {
      object: "error",
      message:
        "Tool call id was unauthorized_1 but must be a-z, A-Z, 0-9, with a length of 9: invalid credentials",
      type: "invalid_function_call",
      param: null,
      code: "3280",
    },
  },
  // xAI
  {
    name: "parameter",
    provider: "xai",
    status: 400,
    body: {
      code: "Client specified an invalid argument",
      error: "Argument not supported on this model: presencePenalty",
    },
  },
  {
    name: "quoted key",
    provider: "xai",
    status: 400,
    body: {
      code: "Client specified an invalid argument",
      error: "Invalid request content: unknown field `Incorrect API key provided`",
    },
  },
  {
    name: "deserialize",
    provider: "xai",
    status: 422,
    body: "Failed to deserialize the JSON body into the target type: tools: used all available credits",
  },
  // Z.ai
  {
    name: "parameter",
    provider: "zai",
    status: 400,
    body: { error: { code: "1210", message: "Invalid API parameter, please check the documentation." } },
  },
  {
    name: "parameter, with words",
    provider: "zai",
    status: 400,
    body: { error: { code: "1214", message: "stop: 余额不足 and please recharge cannot be used" } },
  },
  // Moonshot
  {
    name: "role",
    provider: "moonshot",
    status: 400,
    body: {
      error: {
        message:
          "Invalid request: the message at position 1 with role 'system' must not be empty: account is disabled",
        type: "invalid_request_error",
      },
    },
  },
  {
    name: "tokenization",
    provider: "moonshot",
    status: 400,
    body: { error: { message: "invalid request: tokenization failed", type: "invalid_request_error" } },
  },
  // Azure OpenAI
  {
    name: "argument",
    provider: "azure-openai",
    status: 400,
    body: {
      error: {
        code: "BadRequest",
        message: "Unrecognized request argument supplied: invalid subscription key",
        param: null,
        type: null,
      },
    },
  },
  // Vertex AI
  {
    name: "safety setting",
    provider: "vertex",
    status: 400,
    body: argument("Invalid value at 'safety_settings[0].threshold': \"please enable billing\""),
  },
  // Servers of one's own
  {
    name: "without tools",
    provider: "ollama",
    status: 400,
    body: openai("registry.ollama.ai/library/gemma3:4b does not support tools", "api_error", null),
  },
  {
    name: "out of memory",
    provider: "ollama",
    status: 500,
    body: openai(
      "model requires more system memory (9.1 GiB) than is available (4.2 GiB): model not found",
      "api_error",
      null,
    ),
  },
  {
    name: "template",
    provider: "lmstudio",
    status: 400,
    body: { error: 'Error rendering prompt with jinja template: "invalid api key".' },
  },
  {
    name: "no chat template",
    provider: "vllm",
    status: 400,
    body: {
      object: "error",
      message: "As of transformers v4.44, default chat template is no longer allowed: model is not available",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
  },
  {
    name: "another gateway",
    provider: "custom",
    status: 400,
    body: {
      error: {
        message:
          "litellm.BadRequestError: OpenAIException - user: credit balance is too low is longer than 10",
        type: null,
        param: null,
        code: "400",
      },
    },
  },
];

/** Words that an account's failure would be known by. */
export const HOT_WORDS: readonly string[] = [
  "invalid token",
  "Incorrect API key provided",
  "API key not valid. Please pass a valid API key.",
  "authentication failed",
  "Your credit balance is too low to access the Anthropic API.",
  "insufficient balance",
  "please recharge",
  "exceeded your current quota",
  "has been suspended",
  "This organization has been disabled.",
  "User location is not supported for the API use.",
  "too many requests",
  "rate limit exceeded",
  "usage limit reached",
  "You have reached your specified API usage limits.",
  "Model Not Exist",
  "The model `gpt-9` does not exist",
  "model 'x' not found, try pulling it first",
  "No endpoints found for x",
  "invalid model",
];

type Template = (words: string) => string;
/** How messages repeat what they refuse. */
const TEMPLATES: readonly Template[] = [
  (words) => `Invalid value for 'stop': "${words}"`,
  (words) => `messages[0].content: unexpected '${words}' here`,
  (words) => `user: ${words}`,
];
const SHAPES: readonly (readonly [ProviderId, (status: number, message: string) => unknown])[] = [
  ["openai", (_status, message) => invalid(message)],
  ["anthropic", (_status, message) => wrong(message)],
  ["gemini", (status, message) => google(status, "INVALID_ARGUMENT", message)],
  ["openrouter", (status, message) => ({ error: { message, code: status } })],
  ["deepseek", (_status, message) => openai(message, "invalid_request_error", "invalid_request_error")],
  ["groq", (_status, message) => invalid(message)],
  ["mistral", (_status, message) => ({ object: "error", message, type: "invalid_request_error" })],
  ["xai", (_status, message) => ({ code: "Client specified an invalid argument", error: message })],
  ["zai", (_status, message) => ({ error: { code: "1210", message } })],
  ["moonshot", (_status, message) => ({ error: { message, type: "invalid_request_error" } })],
  ["vllm", (status, message) => ({ object: "error", message, type: "BadRequestError", code: status })],
  ["custom", (_status, message) => ({ detail: message })],
];
const STATUSES = [400, 404, 422, 500] as const;

/** Each word once, with the providers, templates and statuses in turn. */
const HOSTILE: readonly RequestCase[] = HOT_WORDS.flatMap((words, at) =>
  STATUSES.map((status, turn): RequestCase => {
    const template = TEMPLATES[(at + turn) % TEMPLATES.length];
    const shape = SHAPES[(at * STATUSES.length + turn) % SHAPES.length];
    if (template === undefined || shape === undefined) throw new Error("no such turn");
    const [provider, body] = shape;
    return { name: `words: ${words}`, provider, status, body: body(status, template(words)) };
  }),
);

export const REQUEST_CASES: readonly RequestCase[] = [...DOCUMENTED, ...HOSTILE];
