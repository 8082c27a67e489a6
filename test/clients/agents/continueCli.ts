import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

/** https://docs.continue.dev/cli/quickstart */
export const continueCli: Agent = {
  name: "Continue",
  protocol: "openai-chat",
  program: ["@continuedev", "cli", "dist", "cn.js"],
  answer: (stdout) => stdout,
  read: { Read: (filepath) => ({ filepath }) },
  edit: { Edit: (file_path, word) => ({ file_path, old_string: word, new_string: changed(word) }) },
};
