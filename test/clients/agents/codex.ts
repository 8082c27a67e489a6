import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreparedAgent } from "./agent.ts";
import { editCommand, patch, readCommand } from "./inputs.ts";

const server = ([program, ...args]: readonly string[]) => `
[mcp_servers.vault]
command = ${JSON.stringify(program)}
args = ${JSON.stringify(args)}
`;

const config = (baseUrl: string, model: string, sockets: boolean) => `model = "${model}"
model_provider = "portico"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.portico]
name = "Portico"
base_url = "${baseUrl}/v1"
env_key = "PORTICO_API_KEY"
wire_api = "responses"
supports_websockets = ${sockets}
`;

type Tools = Pick<PreparedAgent, "read" | "edit">;

function codexWith(name: string, model: string, tools: Tools, sockets = false): PreparedAgent {
  return {
    name,
    protocol: "openai-responses",
    program: ["@openai", "codex", "bin", "codex.js"],
    searchTool: "tool_search",
    async prepare({ installed, home, baseUrl, key, prompt, mcpServer }) {
      const folder = join(home, ".codex");
      await mkdir(folder, { recursive: true });
      const tools = mcpServer === undefined ? "" : server(mcpServer);
      await writeFile(join(folder, "config.toml"), config(baseUrl, model, sockets) + tools);
      const script = join(installed, "node_modules", ...this.program);
      return {
        program: process.execPath,
        args: [script, "exec", "--skip-git-repo-check", "--color", "never", prompt],
        env: { CODEX_HOME: folder, PORTICO_API_KEY: key },
      };
    },
    answer: (stdout) => stdout,
    ...tools,
  };
}

/** A model that gets a shell, and `apply_patch` as a tool of free text. */
const MODEL = "gpt-5.5";

const TOOLS: Tools = {
  read: {
    exec_command: (file) => ({ cmd: readCommand(file) }),
    shell_command: (file) => ({ command: readCommand(file) }),
    shell: (file) => ({ command: ["cat", file] }),
  },
  edit: {
    apply_patch: patch,
    exec_command: (file, word) => ({ cmd: editCommand(file, word) }),
    shell_command: (file, word) => ({ command: editCommand(file, word) }),
  },
};

export const codex = codexWith("Codex", MODEL, TOOLS);

/** Asks for a WebSocket first, and for plain HTTP where it gets none. */
export const codexOnSockets = codexWith("Codex (WebSocket first)", MODEL, TOOLS, true);

const called = (tool: string, input: unknown) =>
  `const result = await tools.${tool}(${JSON.stringify(input)});\ntext(result);\n`;

/** Newer models get one tool of free text that runs code, in a namespace, declared inside the input. */
export const codexCode = codexWith("Codex (code mode)", "gpt-6-sol", {
  read: { exec: (file) => called("exec_command", { cmd: readCommand(file) }) },
  edit: { exec: (file, word) => called("apply_patch", patch(file, word)) },
});
