import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fields, text } from "../json.ts";
import { changed, fileText } from "../task.ts";
import type { PreparedAgent } from "./agent.ts";

/** https://geminicli.com/docs/reference/configuration */
const SETTINGS = {
  security: { auth: { selectedType: "gemini-api-key" } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

/** Without a model it first asks a small one which one to take: a request for JSON, without a stream. */
export const geminiCli: PreparedAgent = {
  name: "Gemini CLI",
  protocol: "gemini",
  program: ["@google", "gemini-cli", "bundle", "gemini.js"],
  async prepare({ installed, home, baseUrl, key, prompt }) {
    const folder = join(home, ".gemini");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "settings.json"), JSON.stringify(SETTINGS));
    const script = join(installed, "node_modules", ...this.program);
    return {
      program: process.execPath,
      args: [script, "-p", prompt, "--yolo", "--skip-trust", "--output-format", "json"],
      env: { GOOGLE_GEMINI_BASE_URL: baseUrl, GEMINI_API_KEY: key },
    };
  },
  answer(stdout) {
    const result: unknown = JSON.parse(stdout);
    return text(fields(result).response);
  },
  read: { read_file: (file_path) => ({ file_path }) },
  edit: {
    replace: (file_path, word) => ({
      file_path,
      instruction: "Change the secret word.",
      old_string: word,
      new_string: changed(word),
    }),
    write_file: (file_path, word) => ({ file_path, content: fileText(changed(word)) }),
  },
};
