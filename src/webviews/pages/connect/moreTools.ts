/**
 * What a person pastes into tools whose settings Portico does not write: their keys are where nobody else can put one,
 * or nobody has tried it with Portico yet. As the linked pages have it. Pure.
 */
import { t } from "@vscode/l10n";
import { anyTool } from "./anyTool.ts";
import {
  type Client,
  environment,
  json,
  quoted,
  type Snippet,
  type SnippetOptions,
  word,
} from "./snippets.ts";

/** Whatever has no words of its own. */
export const OTHER = "other";

/** Tokens; such lists have to say something. */
const CONTEXT_WINDOW = 128_000;
const MAX_OUTPUT = 16_384;

/** Made when asked for: words follow the display language. Labels are those of the clients in Monitor. */
export function moreTools(): Client[] {
  return [
    {
      id: "copilot",
      label: "Copilot CLI",
      kind: "tool",
      link: "https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/use-byok-models",
      snippets: copilot,
    },
    {
      id: "roo",
      label: "Roo Code",
      kind: "tool",
      link: "https://docs.roocode.com/providers/openai-compatible",
      snippets: roo,
    },
    {
      id: "crush",
      label: "Crush",
      kind: "tool",
      link: "https://github.com/charmbracelet/crush#custom-providers",
      notes: [t("List under “models” what you want to choose from.")],
      snippets: crush,
    },
    {
      id: "droid",
      label: "Droid",
      kind: "tool",
      link: "https://docs.factory.ai/model-independence/byok",
      notes: [t("Choose it with {0}.", "/model")],
      snippets: droid,
    },
    {
      id: "aider",
      label: "aider",
      kind: "tool",
      link: "https://aider.chat/docs/llms/openai-compat.html",
      notes: [t("It warns that it does not know the model; that does no harm.")],
      snippets: aider,
    },
    {
      id: "zed",
      label: "Zed",
      kind: "tool",
      link: "https://zed.dev/docs/ai/use-api-access",
      notes: [
        t("max_tokens is the model's context window."),
        t(
          "The key goes into {0}, where Zed keeps it in the keychain.",
          "agent: open settings > LLM Providers",
        ),
      ],
      snippets: zed,
    },
    {
      id: "goose",
      label: "Goose",
      kind: "tool",
      link: "https://goose-docs.ai/docs/getting-started/providers",
      notes: [t("To keep it, give the same to {0}, provider OpenAI.", "goose configure")],
      snippets: goose,
    },
    { id: OTHER, label: t("Another tool"), kind: "tool", snippets: anyTool },
  ];
}

/** It takes another provider by variables alone. */
function copilot({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  const variables = environment(shell, [
    ["COPILOT_PROVIDER_BASE_URL", `${baseUrl}/v1`],
    ["COPILOT_PROVIDER_API_KEY", key],
    ["COPILOT_MODEL", model],
  ]);
  return [{ title: t("For one time"), code: `${variables}\ncopilot` }];
}

/** It has no file to paste into: each value has a field. */
function roo({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  return [
    { title: t("API Provider: OpenAI Compatible. Base URL"), code: `${baseUrl}/v1` },
    { title: t("API Key"), code: key },
    { title: t("Model"), code: model },
  ];
}

function crush({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  const models = [{ id: model, name: model, context_window: CONTEXT_WINDOW, default_max_tokens: MAX_OUTPUT }];
  const portico = { name: "Portico", type: "openai-compat", base_url: `${baseUrl}/v1`, api_key: key, models };
  return [
    {
      title: t("In its settings"),
      file: "~/.config/crush/crush.json",
      code: json({ $schema: "https://charm.land/crush.json", providers: { portico } }),
    },
  ];
}

function droid({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  const custom = {
    model,
    displayName: `${model} (Portico)`,
    baseUrl: `${baseUrl}/v1`,
    apiKey: key,
    provider: "generic-chat-completion-api",
    maxOutputTokens: MAX_OUTPUT,
  };
  return [
    {
      title: t("In its settings"),
      file: "~/.factory/settings.json",
      code: json({ customModels: [custom] }),
    },
  ];
}

function aider({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  const name = `openai/${model}`;
  return [
    {
      title: t("For one time"),
      code: `${environment(shell, [
        ["OPENAI_API_BASE", `${baseUrl}/v1`],
        ["OPENAI_API_KEY", key],
      ])}\naider --model ${word(shell, name)}`,
    },
    {
      title: t("To keep it"),
      file: "~/.aider.conf.yml",
      code: [
        `openai-api-base: ${quoted(`${baseUrl}/v1`)}`,
        `openai-api-key: ${quoted(key)}`,
        `model: ${quoted(name)}`,
      ].join("\n"),
    },
  ];
}

function zed({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  const portico = {
    api_url: `${baseUrl}/v1`,
    available_models: [{ name: model, display_name: model, max_tokens: CONTEXT_WINDOW }],
  };
  return [
    {
      title: t("In its settings"),
      file: "settings.json",
      code: json({ language_models: { openai_compatible: { portico } } }),
    },
    { title: t("API Key"), code: key },
    { title: t("Or where you start it"), code: `${environment(shell, [["PORTICO_API_KEY", key]])}\nzed` },
  ];
}

function goose({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  return [
    {
      title: t("Where you start it"),
      code: `${environment(shell, [
        ["GOOSE_PROVIDER", "openai"],
        ["GOOSE_MODEL", model],
        ["OPENAI_HOST", baseUrl],
        ["OPENAI_API_KEY", key],
      ])}\ngoose session`,
    },
  ];
}
