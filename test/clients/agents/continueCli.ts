import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

/** https://docs.continue.dev/cli/quickstart */
export const continueCli: Agent = {
  name: "Continue",
  protocol: "openai-chat",
  program: ["@continuedev", "cli", "dist", "cn.js"],
  async prepare({ installed, home, baseUrl, key, prompt }) {
    const file = join(home, "config.yaml");
    const model = {
      name: "Portico",
      provider: "openai",
      model: "gpt-5",
      apiBase: `${baseUrl}/v1`,
      apiKey: key,
    };
    await writeFile(file, JSON.stringify({ name: "n", version: "1.0.0", schema: "v1", models: [model] }));
    const args = [join(installed, "node_modules", ...this.program), "--config", file, "-p", prompt];
    return { program: process.execPath, args, env: {} };
  },
  answer: (stdout) => stdout,
  read: { Read: (filepath) => ({ filepath }) },
  edit: { Edit: (file_path, word) => ({ file_path, old_string: word, new_string: changed(word) }) },
};
