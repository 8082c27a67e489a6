/** Settings of other programs as people have them, for each client that is connected by a file. */
export const CLAUDE = ".claude/settings.json";

export const SETTINGS =
  '\uFEFF{\r\n\t"hooks": { "Stop": [] },\r\n\t"env": {"A": "1"},\r\n\t"model": "opus"\r\n}\r\n';

export interface ClientFiles {
  readonly client: string;
  /** Its files, with what stands in them before. */
  readonly files: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
}

export const MODEL = ["--model", "sandbox/echo"];
export const CLIENT_FILES: readonly ClientFiles[] = [
  { client: "claude-code", files: { [CLAUDE]: SETTINGS } },
  {
    client: "codex",
    files: {
      ".codex/config.toml":
        'model = "gpt-5" # mine\r\nmodel_provider = "azure"\r\n\r\n[model_providers.azure]\r\nname = "Azure"\r\n\r\n# tools\r\n[mcp_servers.x]\r\nargs = [ # a\r\n  "b",\r\n]',
    },
  },
  {
    client: "gemini-cli",
    files: {
      ".gemini/.env": "# mine\nGEMINI_API_KEY='old key'\nOTHER=1 # why",
      ".gemini/settings.json": '{\n  // look\n  "ui": { "theme": "x" }\n}',
    },
  },
  {
    client: "opencode",
    files: {
      ".config/opencode/opencode.jsonc": '{\n  // models\n  "model": "a/b", // mine\n  "mcp": {},\n}\n',
    },
    arguments: MODEL,
  },
  { client: "kilo", files: { ".config/kilo/kilo.json": "{}" }, arguments: MODEL },
  {
    client: "pi",
    files: {
      ".pi/agent/models.json": '{"providers":{"other":{"baseUrl":"https://example.com"}}}',
      ".pi/agent/settings.json": '{\n    "defaultProvider": "other"\n}\n',
    },
    arguments: MODEL,
  },
  {
    client: "qwen-code",
    files: { ".qwen/settings.json": '{\n  "modelProviders": { "openai": [ { "id": "x" } ] }\n}\n' },
    arguments: MODEL,
  },
  {
    client: "continue",
    files: {
      ".continue/config.yaml":
        "# mine\r\nname: My own\r\nversion: 0.0.1\r\nmodels:\r\n  # elsewhere\r\n  - name: other # why\r\n    provider: ollama\r\n\r\n# end",
    },
    arguments: MODEL,
  },
  {
    client: "cline",
    files: {
      ".cline/data/settings/providers.json":
        '{"version":1,"lastUsedProvider":"ollama","providers":{"openai-compatible":{"settings":{"provider":"openai-compatible","apiKey":"mine","baseUrl":"https://example.com"},"updatedAt":"2026-11-01T00:00:00.000Z","tokenSource":"manual"}}}',
    },
    arguments: MODEL,
  },
];
