import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

/** https://qwenlm.github.io/qwen-code-docs/en/users/configuration/settings */
export const qwenCode: Agent = {
  name: "Qwen Code",
  protocol: "openai-chat",
  program: ["@qwen-code", "qwen-code", "cli-entry.js"],
  answer: (stdout) => stdout,
  read: { read_file: (file_path) => ({ file_path }) },
  edit: { edit: (file_path, word) => ({ file_path, old_string: word, new_string: changed(word) }) },
};
