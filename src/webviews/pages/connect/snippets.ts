/**
 * What a person pastes to have a tool use Portico. Pure; held true by `test/integration/snippets` and,
 * for the tools themselves, by `docs/clients.md`.
 */
import { t } from "@vscode/l10n";

export type Shell = "sh" | "powershell";

export interface SnippetOptions {
  /** Without a trailing slash and without `/v1`. */
  baseUrl: string;
  /** `""`: the tool's own choice, where it has one. */
  model: string;
  /** What the tool shows. */
  key: string;
  shell: Shell;
}

export interface Snippet {
  title: string;
  /** The file it belongs into. */
  file?: string;
  code: string;
}

export interface Client {
  id: string;
  label: string;
  kind: "tool" | "code";
  /** It asks for models of its own unless told. */
  ownModels?: boolean;
  /** Pages of its own about it. */
  link?: string;
  notes?: string[];
  snippets(options: SnippetOptions): Snippet[];
}

/** Made when asked for: words follow the display language. */
export function clients(): Client[] {
  return [
    {
      id: "claude-code",
      label: "Claude Code",
      kind: "tool",
      ownModels: true,
      link: "https://code.claude.com/docs/en/env-vars",
      snippets: claudeCode,
    },
    {
      id: "codex",
      label: "Codex",
      kind: "tool",
      link: "https://developers.openai.com/codex/config-reference",
      snippets: codex,
    },
    {
      id: "gemini-cli",
      label: "Gemini CLI",
      kind: "tool",
      ownModels: true,
      link: "https://geminicli.com/docs/reference/configuration",
      notes: [
        t(
          "Without -m it first asks a small model how hard the task is; a route for gemini-* covers that one, too.",
        ),
      ],
      snippets: geminiCli,
    },
    {
      id: "opencode",
      label: "OpenCode",
      kind: "tool",
      link: "https://opencode.ai/docs/config",
      notes: [t("List under “models” what you want to choose from.")],
      snippets: openCode,
    },
    {
      id: "continue",
      label: "Continue",
      kind: "tool",
      link: "https://docs.continue.dev/customize/model-providers/top-level/openai",
      snippets: continueDev,
    },
    {
      id: "cline",
      label: "Cline",
      kind: "tool",
      link: "https://docs.cline.bot/provider-config/openai-compatible",
      snippets: cline,
    },
    { id: "curl", label: "curl", kind: "code", snippets: curl },
    { id: "python", label: "Python", kind: "code", snippets: python },
    { id: "typescript", label: "TypeScript", kind: "code", snippets: typescript },
  ];
}

/** For tools behind a company proxy: they send even this computer's own address there. */
export function noProxySnippet({ shell, baseUrl }: Pick<SnippetOptions, "shell" | "baseUrl">): Snippet {
  const { hostname } = new URL(baseUrl);
  const hosts = [...new Set(["127.0.0.1", "localhost", hostname])].join(",");
  return {
    title: t("Where you start the tool"),
    code: environment(shell, [
      ["NO_PROXY", hosts],
      ["no_proxy", hosts],
    ]),
  };
}

function claudeCode({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  const variables: [string, string][] = [
    ["ANTHROPIC_BASE_URL", baseUrl],
    ["ANTHROPIC_AUTH_TOKEN", key],
    ...(model === ""
      ? []
      : ([
          ["ANTHROPIC_MODEL", model],
          ["ANTHROPIC_DEFAULT_HAIKU_MODEL", model],
        ] as [string, string][])),
  ];
  return [
    { title: t("For one time"), code: `${environment(shell, variables)}\nclaude` },
    {
      title: t("To keep it"),
      file: "~/.claude/settings.json",
      code: json({ env: Object.fromEntries(variables) }),
    },
  ];
}

function codex({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  return [
    {
      title: t("In its settings"),
      file: "~/.codex/config.toml",
      code: [
        `model = ${quoted(model)}`,
        'model_provider = "portico"',
        "",
        "[model_providers.portico]",
        'name = "Portico"',
        `base_url = ${quoted(`${baseUrl}/v1`)}`,
        'env_key = "PORTICO_API_KEY"',
        'wire_api = "responses"',
      ].join("\n"),
    },
    {
      title: t("Where you start it"),
      code: `${environment(shell, [["PORTICO_API_KEY", key]])}\ncodex`,
    },
  ];
}

function geminiCli({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  const flag = model === "" ? "" : ` -m ${word(shell, model)}`;
  return [
    {
      title: t("Where you start it"),
      code: `${environment(shell, [
        ["GOOGLE_GEMINI_BASE_URL", baseUrl],
        ["GEMINI_API_KEY", key],
      ])}\ngemini${flag}`,
    },
    {
      title: t("Once, so that it uses the key"),
      file: "~/.gemini/settings.json",
      code: json({ security: { auth: { selectedType: "gemini-api-key" } } }),
    },
  ];
}

function openCode({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  return [
    {
      title: t("In its settings, or in opencode.json of a project"),
      file: "~/.config/opencode/opencode.json",
      code: json({
        $schema: "https://opencode.ai/config.json",
        model: `portico/${model}`,
        provider: {
          portico: {
            npm: "@ai-sdk/openai-compatible",
            name: "Portico",
            options: { baseURL: `${baseUrl}/v1`, apiKey: key },
            models: { [model]: { name: model } },
          },
        },
      }),
    },
  ];
}

function continueDev({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  return [
    {
      title: t("In its settings"),
      file: "~/.continue/config.yaml",
      code: [
        "models:",
        "  - name: Portico",
        "    provider: openai",
        `    model: ${quoted(model)}`,
        `    apiBase: ${quoted(`${baseUrl}/v1`)}`,
        `    apiKey: ${quoted(key)}`,
      ].join("\n"),
    },
  ];
}

/** It has no file to paste into: each value has a field. */
function cline({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  return [
    { title: t("API Provider: OpenAI Compatible. Base URL"), code: `${baseUrl}/v1` },
    { title: t("API Key"), code: key },
    { title: t("Model ID"), code: model },
  ];
}

function curl({ baseUrl, model, key, shell }: SnippetOptions): Snippet[] {
  const messages = [{ role: "user", content: "Hello" }];
  const bearer: [string, string] = ["authorization", `Bearer ${key}`];
  return [
    {
      title: t("OpenAI chat completions"),
      code: post(shell, `${baseUrl}/v1/chat/completions`, [bearer], { model, messages }),
    },
    {
      title: t("OpenAI responses"),
      code: post(shell, `${baseUrl}/v1/responses`, [bearer], { model, input: "Hello" }),
    },
    {
      title: t("Anthropic messages"),
      code: post(
        shell,
        `${baseUrl}/v1/messages`,
        [
          ["x-api-key", key],
          ["anthropic-version", "2023-06-01"],
        ],
        { model, max_tokens: 1000, messages },
      ),
    },
    {
      title: "Gemini",
      code: post(
        shell,
        `${baseUrl}/v1beta/models/${encodeURIComponent(model)}:generateContent`,
        [["x-goog-api-key", key]],
        { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
      ),
    },
  ];
}

function python({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  return [
    {
      title: "OpenAI",
      code: [
        "from openai import OpenAI",
        "",
        `client = OpenAI(base_url=${quoted(`${baseUrl}/v1`)}, api_key=${quoted(key)})`,
        "reply = client.chat.completions.create(",
        `    model=${quoted(model)},`,
        '    messages=[{"role": "user", "content": "Hello"}],',
        ")",
        "print(reply.choices[0].message.content)",
      ].join("\n"),
    },
    {
      title: "Anthropic",
      code: [
        "from anthropic import Anthropic",
        "",
        `client = Anthropic(base_url=${quoted(baseUrl)}, api_key=${quoted(key)})`,
        "reply = client.messages.create(",
        `    model=${quoted(model)},`,
        "    max_tokens=1000,",
        '    messages=[{"role": "user", "content": "Hello"}],',
        ")",
        "print(reply.content[0].text)",
      ].join("\n"),
    },
    {
      title: "Google",
      code: [
        "from google import genai",
        "",
        "client = genai.Client(",
        `    api_key=${quoted(key)}, http_options={"base_url": ${quoted(baseUrl)}}`,
        ")",
        `reply = client.models.generate_content(model=${quoted(model)}, contents="Hello")`,
        "print(reply.text)",
      ].join("\n"),
    },
  ];
}

function typescript({ baseUrl, model, key }: SnippetOptions): Snippet[] {
  return [
    {
      title: "OpenAI",
      code: [
        'import OpenAI from "openai";',
        "",
        `const client = new OpenAI({ baseURL: ${quoted(`${baseUrl}/v1`)}, apiKey: ${quoted(key)} });`,
        "const reply = await client.chat.completions.create({",
        `  model: ${quoted(model)},`,
        '  messages: [{ role: "user", content: "Hello" }],',
        "});",
        "console.log(reply.choices[0].message.content);",
      ].join("\n"),
    },
    {
      title: "Anthropic",
      code: [
        'import Anthropic from "@anthropic-ai/sdk";',
        "",
        `const client = new Anthropic({ baseURL: ${quoted(baseUrl)}, apiKey: ${quoted(key)} });`,
        "const reply = await client.messages.create({",
        `  model: ${quoted(model)},`,
        "  max_tokens: 1000,",
        '  messages: [{ role: "user", content: "Hello" }],',
        "});",
        "console.log(reply.content);",
      ].join("\n"),
    },
    {
      title: "Google",
      code: [
        'import { GoogleGenAI } from "@google/genai";',
        "",
        `const client = new GoogleGenAI({ apiKey: ${quoted(key)}, httpOptions: { baseUrl: ${quoted(baseUrl)} } });`,
        `const reply = await client.models.generateContent({ model: ${quoted(model)}, contents: "Hello" });`,
        "console.log(reply.text);",
      ].join("\n"),
    },
  ];
}

export function environment(shell: Shell, variables: readonly (readonly [string, string])[]): string {
  return variables
    .map(([name, value]) =>
      shell === "sh" ? `export ${name}=${word(shell, value)}` : `$env:${name} = ${word(shell, value)}`,
    )
    .join("\n");
}

/** Past a proxy that the environment may name: this is this computer's own address. */
function post(
  shell: Shell,
  url: string,
  headers: readonly (readonly [string, string])[],
  body: unknown,
): string {
  const text = JSON.stringify(body);
  if (shell === "powershell") {
    const given = headers.map(([name, value]) => `${word(shell, name)} = ${word(shell, value)}`).join("; ");
    return [
      `Invoke-RestMethod ${word(shell, url)} -Method Post \``,
      `  -Headers @{ ${given} } \``,
      `  -ContentType 'application/json' \``,
      `  -Body ${word(shell, text)}`,
    ].join("\n");
  }
  return [
    `curl --noproxy '*' ${word(shell, url)} \\`,
    ...headers.map(([name, value]) => `  -H ${word(shell, `${name}: ${value}`)} \\`),
    "  -H 'content-type: application/json' \\",
    `  -d ${word(shell, text)}`,
  ].join("\n");
}

/** One word of a shell's line, whatever is in it. */
export function word(shell: Shell, text: string): string {
  if (shell === "powershell") return `'${text.replaceAll("'", "''")}'`;
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text of JSON is one of TOML, YAML, Python and TypeScript, too. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
