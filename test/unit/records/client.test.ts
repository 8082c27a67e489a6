import { describe, expect, it } from "vitest";
import { clientOf } from "../../../src/gateway/records/client.ts";

/** As the programs themselves sent them to this machine. */
const SEEN: readonly (readonly [client: string, userAgent: string])[] = [
  ["Claude Code", "claude-cli/2.1.197 (external, sdk-cli)"],
  ["Codex", "codex_exec/0.169.0 (Debian 12.0.0; x86_64) unknown (codex_exec; 0.169.0)"],
  ["Gemini CLI", "GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)"],
  ["OpenCode", "opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14"],
  ["Kilo Code", "Kilo-Code/7.7.7 ai-sdk/provider-utils/4.0.27 runtime/bun/1.3.14"],
  ["Qwen Code", "QwenCode/0.24.4 (linux; x64)"],
  ["pi", "pi/1.6.0 (linux; node/v24.21.0; x64)"],
  ["OpenAI SDK (JavaScript)", "OpenAI/JS 7.57.0"],
  // Continue's command line.
  ["OpenAI SDK (JavaScript)", "ls/JS 5.23.2"],
  ["Anthropic SDK (JavaScript)", "Anthropic/JS 1.12.0"],
  ["Google SDK (JavaScript)", "google-genai-sdk/3.1.0 gl-node/v24.21.0"],
  ["curl", "curl/7.88.1"],
  ["Node.js", "node"],
  ["Bun", "Bun/1.4.0"],
  ["Python", "Python-urllib/3.11"],
];

/** Names that are in the program itself (codex 0.169.0), with versions and systems made up. */
const HELD: readonly (readonly [client: string, userAgent: string])[] = [
  ["Codex", "codex_cli_rs/0.50.0 (Mac OS 15.1.0; arm64) vscode/1.105.0"],
  ["Codex", "codex_vscode/0.4.20 (Windows 10.0.26100; x86_64)"],
];

/** What these are expected to send. Nobody has seen them do so here: they are not installed. */
const EXPECTED: readonly (readonly [client: string, userAgent: string])[] = [
  ["Cline", "Cline/3.32.0"],
  ["Roo Code", "RooCode/3.28.0"],
  ["Zed", "Zed/0.210.4 (linux; x86_64)"],
  ["VS Code chat", "GitHubCopilotChat/0.32.0"],
  ["OpenAI SDK (Python)", "OpenAI/Python 2.6.1"],
  ["OpenAI SDK (Python)", "AsyncOpenAI/Python 2.6.1"],
  ["Anthropic SDK (Python)", "AsyncAnthropic/Python 0.71.0"],
  ["Google SDK (Python)", "google-genai-sdk/1.46.0 gl-python/3.12.3"],
  ["AI SDK", "ai/5.0.76 ai-sdk/openai-compatible/1.0.22 runtime/node.js/22"],
  ["LangChain", "langchainjs-openai/1.0.0 (node)"],
  ["LiteLLM", "litellm/1.78.5"],
  ["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"],
  [
    "Chrome",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  ],
  [
    "Edge",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0",
  ],
  [
    "Safari",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
  ],
  [
    "VS Code",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.106.0 Chrome/138.0 Electron/37.0 Safari/537.36",
  ],
];

describe("the client's name", () => {
  it.each(SEEN)("is %s for what it sends", (client, userAgent) => {
    expect(clientOf({ "user-agent": userAgent })).toBe(client);
  });
  it.each([...HELD, ...EXPECTED])("is %s by %s", (client, userAgent) => {
    expect(clientOf({ "user-agent": userAgent })).toBe(client);
  });

  // Expected likewise; of these, only the headers of Claude Code and Copilot CLI were seen.
  const library = { "user-agent": "OpenAI/JS 5.12.2" };
  it.each([
    ["Cline", { ...library, "x-title": "Cline", "http-referer": "https://cline.bot" }],
    ["Roo Code", { ...library, "http-referer": "https://github.com/RooVetGit/Roo-Cline" }],
    ["aider", { "user-agent": "litellm/1.78.5", "http-referer": "https://aider.chat", "x-title": "Aider" }],
    ["Continue", { "user-agent": "node", referer: "https://www.continue.dev/" }],
    ["Codex", { "user-agent": "reqwest/0.12", originator: "codex_sdk_ts" }],
    ["Claude Code", { "user-agent": "Anthropic/JS 1.12.0", "x-claude-code-session-id": "1" }],
    ["Copilot CLI", { ...library, "x-initiator": "user", "x-interaction-type": "conversation-user" }],
  ])("is %s by a header of its own, where the library hides it", (client, headers) => {
    expect(clientOf(headers)).toBe(client);
  });

  it("is not what others claim of a program that says who it is", () => {
    expect(clientOf({ "user-agent": "claude-cli/2.0", "x-title": "Cline" })).toBe("Claude Code");
    expect(clientOf({ ...library, "x-title": "My own program" })).toBe("OpenAI SDK (JavaScript)");
  });

  it("is else what the program calls itself, without what could be anything", () => {
    expect(clientOf({ "user-agent": "MyAgent/1.2 (linux)" })).toBe("MyAgent");
    expect(clientOf({ "user-agent": "<script>alert(1)</script>" })).toBe("scriptalert");
    expect(clientOf({ "user-agent": "x".repeat(500) })).toHaveLength(40);
    expect(clientOf({ "user-agent": "  " })).toBe("unknown");
    expect(clientOf({ "user-agent": "(/)" })).toBe("unknown");
    expect(clientOf({})).toBe("unknown");
  });
});
