import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

/** https://docs.cline.bot/cline-cli/configuration */
export const clineCli: Agent = {
  name: "Cline CLI",
  protocol: "openai-chat",
  program: ["@cline", `cli-${process.platform}-${process.arch}`, "bin", "cline"],
  async prepare({ installed, home, baseUrl, key, prompt }) {
    const file = join(home, ".cline", "data", "settings", "providers.json");
    await mkdir(dirname(file), { recursive: true });
    const provider = "openai-compatible";
    const settings = { provider, baseUrl: `${baseUrl}/v1`, apiKey: key, model: "gpt-5" };
    const entry = { settings, updatedAt: "2026-01-01T00:00:00.000Z", tokenSource: "manual" };
    const all = { version: 1, lastUsedProvider: provider, providers: { [provider]: entry } };
    await writeFile(file, JSON.stringify(all));
    return { program: join(installed, "node_modules", ...this.program), args: [prompt], env: {} };
  },
  answer: (stdout) => stdout,
  read: { read_files: (path) => ({ files: [{ path }] }) },
  edit: { editor: (path, word) => ({ path, old_text: word, new_text: changed(word) }) },
};
