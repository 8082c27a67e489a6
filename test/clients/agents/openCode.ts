import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changed, fileText } from "../task.ts";
import type { PreparedAgent } from "./agent.ts";
import { patch } from "./inputs.ts";

/** OpenCode knows it as a model that reasons and takes patches. */
const MODEL = "gpt-5";

/** https://opencode.ai/docs/config, https://opencode.ai/docs/providers */
const config = (baseUrl: string, model: string) => ({
  $schema: "https://opencode.ai/config.json",
  autoupdate: false,
  share: "disabled",
  model: `portico/${model}`,
  small_model: `portico/${model}`,
  permission: { edit: "allow", bash: "allow" },
  provider: {
    portico: {
      npm: "@ai-sdk/openai-compatible",
      name: "Portico",
      options: { baseURL: `${baseUrl}/v1`, apiKey: "{env:PORTICO_API_KEY}" },
      models: { [model]: { name: model } },
    },
  },
});

export const openCode: PreparedAgent = {
  name: "OpenCode",
  protocol: "openai-chat",
  program: ["opencode-ai", "bin", "opencode.exe"],
  async prepare({ installed, home, baseUrl, key, prompt }) {
    const folder = join(home, ".config", "opencode");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "opencode.json"), JSON.stringify(config(baseUrl, MODEL)));
    return {
      program: join(installed, "node_modules", ...this.program),
      args: ["run", prompt],
      env: {
        PORTICO_API_KEY: key,
        OPENCODE_DISABLE_AUTOUPDATE: "1",
        OPENCODE_DISABLE_MODELS_FETCH: "1",
        OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      },
    };
  },
  answer: (stdout) => stdout,
  read: { read: (filePath) => ({ filePath }) },
  edit: {
    edit: (filePath, word) => ({ filePath, oldString: word, newString: changed(word) }),
    apply_patch: (file, word) => ({ patchText: patch(file, word) }),
    write: (filePath, word) => ({ filePath, content: fileText(changed(word)) }),
  },
};
