import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fields, text } from "../json.ts";
import { changed, fileText } from "../task.ts";
import type { PreparedAgent } from "./agent.ts";

/** Asked for by default, with adaptive thinking. */
const MODEL = "claude-opus-4-8";

const TOOLS = "Read,Edit,Write,mcp__vault";

/** https://code.claude.com/docs/en/env-vars */
export const claudeCode: PreparedAgent = {
  name: "Claude Code",
  protocol: "anthropic",
  program: ["@anthropic-ai", "claude-code", "bin", "claude.exe"],
  searchTool: "ToolSearch",
  async prepare({ installed, home, baseUrl, key, prompt, mcpServer }) {
    const servers: string[] = [];
    if (mcpServer !== undefined) {
      const [command, ...args] = mcpServer;
      const file = join(home, "mcp.json");
      await writeFile(file, JSON.stringify({ mcpServers: { vault: { command, args } } }));
      servers.push("--mcp-config", file);
    }
    return {
      program: join(installed, "node_modules", ...this.program),
      args: ["-p", prompt, "--output-format", "json", "--model", MODEL, "--allowedTools", TOOLS, ...servers],
      env: {
        ANTHROPIC_BASE_URL: baseUrl,
        ANTHROPIC_API_KEY: key,
        DISABLE_TELEMETRY: "1",
        DISABLE_ERROR_REPORTING: "1",
        DISABLE_AUTOUPDATER: "1",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      },
    };
  },
  answer(stdout) {
    const result: unknown = JSON.parse(stdout);
    return text(fields(result).result);
  },
  read: { Read: (file_path) => ({ file_path }) },
  edit: {
    Edit: (file_path, word) => ({ file_path, old_string: word, new_string: changed(word) }),
    Write: (file_path, word) => ({ file_path, content: fileText(changed(word)) }),
  },
};

/** Sends only what is new of a conversation, where the provider holds the rest. */
export const claudeCodeOnThreads: PreparedAgent = {
  ...claudeCode,
  name: "Claude Code (message threads)",
  async prepare(setup) {
    const command = await claudeCode.prepare(setup);
    return { ...command, env: { ...command.env, CLAUDE_CODE_TETHER_LIVE: "1" } };
  },
};
