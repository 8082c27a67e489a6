/**
 * Every provider by what it documents for third parties. A new one is one more row: settings,
 * check, catalog and routing take it from here.
 */
import { SANDBOX_MODELS } from "../sandbox/models.ts";
import { endpoint, OPENAI_EXTRAS, unknownEndpoints } from "./endpoints.ts";
import type { ProviderRow } from "./provider.ts";

export const TABLE = {
  /** https://platform.openai.com/docs/api-reference */
  openai: {
    label: "OpenAI",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://api.openai.com/v1"),
      "openai-responses": endpoint("openai-responses", "https://api.openai.com/v1"),
    },
    keyRequired: true,
    modelList: "openai-chat",
    families: [
      "gpt-*",
      "chatgpt-*",
      "codex-*",
      "o1*",
      "o3*",
      "o4*",
      "computer-use-*",
      "text-embedding-*",
      "omni-moderation-*",
      "dall-e-*",
      "whisper-*",
      "tts-*",
      "ft:*",
    ],
    keyPage: "https://platform.openai.com/api-keys",
    extras: OPENAI_EXTRAS,
    compacts: true,
  },

  /**
   * https://platform.claude.com/docs/en/api/overview
   * Its OpenAI-compatible layer is documented as a means of comparison only, so it is left out.
   */
  anthropic: {
    label: "Anthropic",
    endpoints: { anthropic: endpoint("anthropic", "https://api.anthropic.com") },
    keyRequired: true,
    modelList: "anthropic",
    families: ["claude-*"],
    keyPage: "https://platform.claude.com/settings/keys",
    extras: [],
    holdsThreads: true,
  },

  /** https://ai.google.dev/api and https://ai.google.dev/gemini-api/docs/openai */
  gemini: {
    label: "Google Gemini",
    endpoints: {
      gemini: endpoint("gemini", "https://generativelanguage.googleapis.com"),
      "openai-chat": endpoint("openai-chat", "https://generativelanguage.googleapis.com/v1beta/openai"),
    },
    keyRequired: true,
    modelList: "gemini",
    families: ["gemini-*", "gemma-*", "imagen-*", "veo-*", "learnlm-*", "text-embedding-004"],
    keyPage: "https://aistudio.google.com/apikey",
    extras: ["embeddings", "images/generations"],
  },

  /**
   * https://openrouter.ai/docs/api/reference/overview, .../responses/overview and
   * https://openrouter.ai/docs/guides/claude-code-integration (Anthropic messages, Bearer key).
   * The model list is public; `GET /key` is what proves a key: https://openrouter.ai/docs/api/reference/limits
   */
  openrouter: {
    label: "OpenRouter",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://openrouter.ai/api/v1"),
      "openai-responses": endpoint("openai-responses", "https://openrouter.ai/api/v1"),
      anthropic: endpoint("anthropic", "https://openrouter.ai/api", { keyHeader: "authorization" }),
    },
    keyRequired: true,
    modelList: "openai-chat",
    keyCheck: { protocol: "openai-chat", path: "/key" },
    families: ["*/*"],
    keyPage: "https://openrouter.ai/settings/keys",
    extras: ["completions", "embeddings"],
  },

  /** https://api-docs.deepseek.com and https://api-docs.deepseek.com/guides/anthropic_api */
  deepseek: {
    label: "DeepSeek",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://api.deepseek.com"),
      anthropic: endpoint("anthropic", "https://api.deepseek.com/anthropic"),
    },
    keyRequired: true,
    modelList: "openai-chat",
    families: ["deepseek-*"],
    keyPage: "https://platform.deepseek.com/api_keys",
    extras: [],
  },

  /** https://console.groq.com/docs/openai and https://console.groq.com/docs/responses-api */
  groq: {
    label: "Groq",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://api.groq.com/openai/v1"),
      "openai-responses": endpoint("openai-responses", "https://api.groq.com/openai/v1"),
    },
    keyRequired: true,
    modelList: "openai-chat",
    families: [
      "llama-*",
      "meta-llama/*",
      "openai/gpt-oss-*",
      "qwen/*",
      "moonshotai/*",
      "groq/*",
      "whisper-*",
    ],
    keyPage: "https://console.groq.com/keys",
    extras: ["audio/speech", "audio/transcriptions", "audio/translations"],
  },

  /** https://docs.mistral.ai/api */
  mistral: {
    label: "Mistral",
    endpoints: { "openai-chat": endpoint("openai-chat", "https://api.mistral.ai/v1") },
    keyRequired: true,
    modelList: "openai-chat",
    families: [
      "mistral-*",
      "ministral-*",
      "magistral-*",
      "codestral-*",
      "devstral-*",
      "pixtral-*",
      "voxtral-*",
      "open-mistral-*",
      "open-mixtral-*",
    ],
    keyPage: "https://console.mistral.ai/api-keys",
    extras: ["embeddings", "moderations", "audio/transcriptions"],
  },

  /**
   * https://docs.x.ai/developers/rest-api-reference
   * It lists its Anthropic-compatible messages under "Legacy & Deprecated", so they are left out.
   */
  xai: {
    label: "xAI",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://api.x.ai/v1"),
      "openai-responses": endpoint("openai-responses", "https://api.x.ai/v1"),
    },
    keyRequired: true,
    modelList: "openai-chat",
    families: ["grok-*"],
    keyPage: "https://console.x.ai",
    extras: ["images/generations", "images/edits"],
  },

  /**
   * https://docs.z.ai/api-reference/introduction and https://docs.z.ai/devpack/tool/claude (Bearer key).
   * A coding plan has a base of its own, https://api.z.ai/api/coding/paas/v4: its account names it.
   */
  zai: {
    label: "Z.ai",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://api.z.ai/api/paas/v4"),
      anthropic: endpoint("anthropic", "https://api.z.ai/api/anthropic", { keyHeader: "authorization" }),
    },
    keyRequired: true,
    modelList: "openai-chat",
    families: ["glm-*", "cogview-*", "autoglm-*"],
    keyPage: "https://z.ai/manage-apikey/apikey-list",
    extras: ["images/generations", "audio/transcriptions"],
  },

  /** https://platform.kimi.ai/docs/api/overview: chat, responses and messages; the host for China is api.moonshot.cn */
  moonshot: {
    label: "Moonshot (Kimi)",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "https://api.moonshot.ai/v1"),
      "openai-responses": endpoint("openai-responses", "https://api.moonshot.ai/v1"),
      anthropic: endpoint("anthropic", "https://api.moonshot.ai/anthropic", { keyHeader: "authorization" }),
    },
    keyRequired: true,
    modelList: "openai-chat",
    families: ["kimi-*", "moonshot-*"],
    keyPage: "https://platform.kimi.ai/console/api-keys",
    extras: [],
  },

  /**
   * https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle (v1 API, `api-key` header).
   * A request names a deployment, while `GET /models` lists what could be deployed: it proves the
   * key, and the account's `models` say which deployments there are.
   */
  "azure-openai": {
    label: "Azure OpenAI",
    endpoints: {
      "openai-chat": endpoint("openai-chat", undefined, {
        keyHeader: "api-key",
        example: "https://RESOURCE.openai.azure.com/openai/v1",
      }),
      "openai-responses": endpoint("openai-responses", undefined, {
        keyHeader: "api-key",
        example: "https://RESOURCE.openai.azure.com/openai/v1",
      }),
    },
    keyRequired: true,
    modelList: undefined,
    keyCheck: { protocol: "openai-chat", path: "/models" },
    families: ["gpt-*", "o1*", "o3*", "o4*", "codex-*", "text-embedding-*"],
    keyPage: "https://ai.azure.com",
    extras: ["embeddings", "images/generations", "images/edits", "audio/speech", "audio/transcriptions"],
    compacts: true,
  },

  /**
   * https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/vertex-ai-express-mode-api-reference
   * (API key; `/v1/publishers/google/models/MODEL:METHOD`) and .../docs/model-reference/inference (project and location in the base).
   */
  vertex: {
    label: "Google Vertex AI",
    endpoints: {
      gemini: endpoint("gemini", undefined, { example: "https://aiplatform.googleapis.com/v1" }),
    },
    keyRequired: true,
    modelList: undefined,
    keyCheck: {
      protocol: "gemini",
      path: "/v1beta/models/gemini-2.5-flash:countTokens",
      body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    },
    families: ["gemini-*", "gemma-*", "imagen-*", "veo-*"],
    keyPage: "https://console.cloud.google.com/apis/credentials",
    extras: [],
    path: (path) => path.replace(/^\/v1(?:beta|alpha)?\/models\//, "/publishers/google/models/"),
  },

  /** https://docs.ollama.com/api/openai-compatibility and https://docs.ollama.com/api/anthropic-compatibility */
  ollama: {
    label: "Ollama",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "http://127.0.0.1:11434/v1"),
      "openai-responses": endpoint("openai-responses", "http://127.0.0.1:11434/v1"),
      // Its cloud takes a Bearer key only; the local server reads none.
      anthropic: endpoint("anthropic", "http://127.0.0.1:11434", { keyHeader: "authorization" }),
    },
    keyRequired: false,
    modelList: "openai-chat",
    families: ["*"],
    extras: ["completions", "embeddings", "audio/speech", "audio/transcriptions"],
  },

  /** https://lmstudio.ai/docs/developer/openai-compat and https://lmstudio.ai/docs/developer/anthropic-compat */
  lmstudio: {
    label: "LM Studio",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "http://127.0.0.1:1234/v1"),
      "openai-responses": endpoint("openai-responses", "http://127.0.0.1:1234/v1"),
      anthropic: endpoint("anthropic", "http://127.0.0.1:1234"),
    },
    keyRequired: false,
    modelList: "openai-chat",
    families: ["*"],
    extras: ["completions", "embeddings"],
  },

  /** https://docs.vllm.ai/en/stable/serving/online_serving.html; `--api-key` is read from `Authorization` */
  vllm: {
    label: "vLLM",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "http://127.0.0.1:8000/v1"),
      "openai-responses": endpoint("openai-responses", "http://127.0.0.1:8000/v1"),
      anthropic: endpoint("anthropic", "http://127.0.0.1:8000", { keyHeader: "authorization" }),
    },
    keyRequired: false,
    modelList: "openai-chat",
    families: ["*"],
    extras: ["completions", "embeddings", "audio/transcriptions", "audio/translations"],
  },

  /** Any server that speaks one of the protocols: the account names which, and where. */
  custom: {
    label: "Custom",
    endpoints: unknownEndpoints(),
    keyRequired: false,
    modelList: "openai-chat",
    families: ["*"],
    extras: OPENAI_EXTRAS,
  },

  /** Built in: answers without a key or a network, in all protocols. Nothing listens at its base. */
  sandbox: {
    label: "Sandbox",
    endpoints: {
      "openai-chat": endpoint("openai-chat", "sandbox:"),
      "openai-responses": endpoint("openai-responses", "sandbox:"),
      anthropic: endpoint("anthropic", "sandbox:"),
      gemini: endpoint("gemini", "sandbox:"),
    },
    keyRequired: false,
    modelList: undefined,
    models: SANDBOX_MODELS.map(({ id, label }) => ({ id: id.slice("sandbox/".length), label })),
    families: [],
    extras: [],
  },
} as const satisfies Record<string, ProviderRow>;
