import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

const ON_WINDOWS = process.platform === "win32";

/** https://docs.github.com/en/copilot/how-tos/copilot-cli */
export const copilotCli: Agent = {
  name: "Copilot CLI",
  protocol: "openai-chat",
  program: ["@github", `copilot-${process.platform}-${process.arch}`, ON_WINDOWS ? "copilot.exe" : "copilot"],
  answer: (stdout) => stdout,
  read: { view: (path) => ({ path }) },
  edit: { edit: (path, word) => ({ path, old_str: word, new_str: changed(word) }) },
};
