import type { Agent } from "./agent.ts";
import { openCode } from "./openCode.ts";

const ON_WINDOWS = process.platform === "win32";

/** Made from OpenCode, and so are its tools. https://kilo.ai/docs/cli */
export const kilo: Agent = {
  name: "Kilo Code",
  protocol: "openai-chat",
  program: [
    "@kilocode",
    `cli-${ON_WINDOWS ? "windows" : process.platform}-${process.arch}`,
    "bin",
    ON_WINDOWS ? "kilo.exe" : "kilo",
  ],
  answer: (stdout) => stdout,
  read: openCode.read,
  edit: openCode.edit,
};
