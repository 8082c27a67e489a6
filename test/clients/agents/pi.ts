import { changed } from "../task.ts";
import type { Agent } from "./agent.ts";

/** https://github.com/earendil-works/pi-mono */
export const pi: Agent = {
  name: "pi",
  protocol: "openai-chat",
  program: ["@earendil-works", "pi-coding-agent", "dist", "bundle", "cli.js"],
  answer: (stdout) => stdout,
  read: { read: (path) => ({ path }) },
  edit: { edit: (path, word) => ({ path, oldText: word, newText: changed(word) }) },
};
