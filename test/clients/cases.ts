/** Real clients, what a person has in their settings, and how each is given a task. */
import type { Agent } from "./agents/agent.ts";
import { claudeCode } from "./agents/claudeCode.ts";
import { clineCli } from "./agents/clineCli.ts";
import { codex } from "./agents/codex.ts";
import { continueCli } from "./agents/continueCli.ts";
import { copilotCli } from "./agents/copilotCli.ts";
import { geminiCli } from "./agents/geminiCli.ts";
import { kilo } from "./agents/kilo.ts";
import { openCode } from "./agents/openCode.ts";
import { pi } from "./agents/pi.ts";
import { qwenCode } from "./agents/qwenCode.ts";

export interface Case {
  readonly agent: Agent;
  /** As `portico` calls it, and its program where that is another word. */
  readonly client: string;
  readonly command?: string;
  /** As Monitor and the Connect page call it; absent: as the agent is called. */
  readonly shown?: string;
  readonly model: string;
  /** Its settings below the home folder, and what a person has in them. */
  readonly file: string;
  readonly text: string;
  /** What the person changes by hand while it is connected: this, to that. */
  readonly hand: readonly [before: string, after: string];
  /** Other files that connecting makes, and disconnecting takes away. */
  readonly made?: readonly string[];
  readonly arguments: (prompt: string) => readonly string[];
  /** Keeps it from asking for other things. */
  readonly quiet?: Readonly<Record<string, string>>;
  /** What may be set for another provider; `portico run` goes before it. */
  readonly stray?: Readonly<Record<string, string>>;
  /** Its settings cannot keep it off a proxy. */
  readonly needsNoProxy?: true;
  /** It writes its settings anew at each run, and its hub keeps those of one run for the next. */
  readonly writesAnew?: true;
  /** It has no settings for another provider. */
  readonly runsOnly?: true;
}

/** Nobody answers there. */
export const NOBODY = "http://127.0.0.1:1";

const CLINE = `${JSON.stringify(
  {
    version: 1,
    lastUsedProvider: "ollama",
    modes: {},
    providers: {
      ollama: {
        settings: { provider: "ollama", model: "llama" },
        updatedAt: "2026-01-01T00:00:00.000Z",
        tokenSource: "manual",
      },
    },
  },
  undefined,
  2,
)}\n`;

export const CASES: readonly Case[] = [
  {
    agent: claudeCode,
    client: "claude-code",
    command: "claude",
    model: "claude-opus-4-8",
    file: ".claude/settings.json",
    text: '{"cleanupPeriodDays": 20, "model": "sonnet", "apiKeyHelper": "echo other", "env": { "DISABLE_TELEMETRY": "1", "CLAUDE_CODE_USE_BEDROCK": "1" }}',
    hand: ["20", "30"],
    arguments: (prompt) => ["-p", prompt, "--output-format", "json", "--allowedTools", "Read"],
    quiet: { DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    stray: { ANTHROPIC_BASE_URL: NOBODY, ANTHROPIC_API_KEY: "other", CLAUDE_CODE_USE_VERTEX: "1" },
  },
  {
    agent: codex,
    client: "codex",
    model: "gpt-5.5",
    file: ".codex/config.toml",
    text: '# mine\nmodel = "other" # why\nmodel_provider = "openai"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\ncheck_for_update_on_startup = false\n\n[analytics]\nenabled = false',
    hand: ["# mine", "# mine, and yours"],
    arguments: (prompt) => ["exec", "--skip-git-repo-check", "--color", "never", prompt],
    stray: { OPENAI_BASE_URL: NOBODY, OPENAI_API_KEY: "other" },
  },
  {
    agent: geminiCli,
    client: "gemini-cli",
    command: "gemini",
    model: "gemini-2.5-pro",
    file: ".gemini/settings.json",
    text: '{\n  // no news\n  "privacy": { "usageStatisticsEnabled": false },\n  "general": { "enableAutoUpdate": false },\n  "security": { "auth": { "selectedType": "oauth-personal" } }\n}\n',
    hand: ["// no news", "// no news, thanks"],
    made: [".gemini/.env"],
    arguments: (prompt) => ["-p", prompt, "--yolo", "--skip-trust", "--output-format", "json"],
    stray: { GOOGLE_GEMINI_BASE_URL: NOBODY, GOOGLE_API_KEY: "other", GOOGLE_GENAI_USE_VERTEXAI: "true" },
  },
  {
    agent: openCode,
    client: "opencode",
    model: "gpt-5",
    file: ".config/opencode/opencode.jsonc",
    // What it would add itself is there.
    text: '{\n  "$schema": "https://opencode.ai/config.json",\n  "autoupdate": false, // never\n  "share": "disabled",\n  "model": "anthropic/claude-sonnet-5",\n  "small_model": "portico/gpt-5",\n}\n',
    hand: ["// never", "// not once"],
    arguments: (prompt) => ["run", prompt],
    quiet: {
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    },
    needsNoProxy: true,
  },
  {
    agent: continueCli,
    client: "continue",
    // It does not say who it is.
    shown: "OpenAI SDK (JavaScript)",
    command: "cn",
    model: "gpt-5",
    file: ".continue/config.yaml",
    text: "# mine\nname: My own\nversion: 0.0.1\nmodels:\n  # elsewhere\n  - name: other\n    provider: ollama\n    model: llama\n",
    hand: ["model: llama", "model: llama3"],
    arguments: (prompt) => ["-p", prompt, "--auto"],
    quiet: { CONTINUE_TELEMETRY_ENABLED: "0" },
  },
  {
    agent: clineCli,
    client: "cline",
    // Nor does it.
    shown: "AI SDK",
    model: "gpt-5",
    file: ".cline/data/settings/providers.json",
    // As it writes it itself, but for the time.
    text: CLINE,
    hand: ['"llama"', '"llama3"'],
    arguments: (prompt) => [prompt],
    needsNoProxy: true,
    writesAnew: true,
  },
  {
    agent: kilo,
    client: "kilo",
    model: "gpt-5",
    file: ".config/kilo/kilo.jsonc",
    // What it would add itself is there.
    text: '{\n  "$schema": "https://app.kilo.ai/config.json",\n  "autoupdate": false, // never\n  "share": "disabled",\n  "model": "anthropic/claude-sonnet-5",\n  "small_model": "portico/gpt-5",\n  "permission": { "bash": "allow" },\n}\n',
    hand: ["// never", "// not once"],
    arguments: (prompt) => ["run", prompt],
    quiet: {
      KILO_DISABLE_AUTOUPDATE: "1",
      KILO_DISABLE_MODELS_FETCH: "1",
      KILO_DISABLE_LSP_DOWNLOAD: "1",
    },
    needsNoProxy: true,
  },
  {
    agent: qwenCode,
    client: "qwen-code",
    command: "qwen",
    model: "qwen3-coder-plus",
    file: ".qwen/settings.json",
    // In its newest version: it rewrites older ones.
    text: '{\n  // mine\n  "privacy": { "usageStatisticsEnabled": false },\n  "general": { "disableAutoUpdate": true, "disableUpdateNag": true },\n  "security": { "auth": { "selectedType": "qwen-oauth" } },\n  "model": { "name": "coder-model" },\n  "$version": 4\n}\n',
    hand: ["// mine", "// mine alone"],
    arguments: (prompt) => [prompt, "--yolo", "--output-format", "text"],
    stray: { OPENAI_BASE_URL: NOBODY, OPENAI_API_KEY: "other", OPENAI_MODEL: "other", QWEN_MODEL: "other" },
  },
  {
    agent: pi,
    client: "pi",
    model: "gpt-5",
    file: ".pi/agent/settings.json",
    text: '{\n  "theme": "dark",\n  "defaultProvider": "anthropic",\n  "defaultModel": "claude-sonnet-5"\n}\n',
    hand: ['"dark"', '"light"'],
    made: [".pi/agent/models.json"],
    arguments: (prompt) => ["-p", prompt],
    quiet: { PI_OFFLINE: "1" },
    needsNoProxy: true,
  },
  {
    agent: copilotCli,
    client: "copilot",
    model: "gpt-5",
    file: ".copilot/settings.json",
    text: '{ "banner": "never" }\n',
    hand: ["never", "once"],
    arguments: (prompt) => ["-p", prompt, "--allow-all-tools", "--no-color"],
    quiet: { COPILOT_AUTO_UPDATE: "false", COPILOT_OFFLINE: "true" },
    runsOnly: true,
    stray: {
      COPILOT_PROVIDER_TYPE: "azure",
      COPILOT_PROVIDER_BEARER_TOKEN: "other",
      COPILOT_PROVIDER_API_KEY_COMMAND: "echo other",
      COPILOT_PROVIDER_WIRE_API: "responses",
      COPILOT_PROVIDER_WIRE_MODEL: "other",
      COPILOT_PROVIDER_HEADERS: "Authorization: Bearer other",
    },
  },
];
