import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

/** https://docs.cline.bot/cline-cli/configuration */
export const clineCli: Agent = {
  name: "Cline CLI",
  protocol: "openai-chat",
  program: ["@cline", `cli-${process.platform}-${process.arch}`, "bin", "cline"],
  answer: (stdout) => stdout,
  read: { read_files: (path) => ({ files: [{ path }] }) },
  edit: { editor: (path, word) => ({ path, old_text: word, new_text: changed(word) }) },
};
