/** Every client that is connected by its settings, in the order in which they are shown, and those that only run. */
import { badRequest } from "../../common/errors.ts";
import { claudeCode } from "./claudeCode.ts";
import type { ClientSpec, RunnableClient } from "./client.ts";
import { clineCli } from "./clineCli.ts";
import { codex } from "./codex.ts";
import { continueDev } from "./continueDev.ts";
import { geminiCli } from "./geminiCli.ts";
import { kilo, openCode } from "./openCode.ts";
import { pi } from "./pi.ts";
import { qwenCode } from "./qwenCode.ts";

export const CLIENTS: readonly ClientSpec[] = [
  claudeCode,
  codex,
  geminiCli,
  openCode,
  kilo,
  pi,
  qwenCode,
  continueDev,
  clineCli,
];

/** Only its environment can be changed. https://docs.github.com/en/copilot/how-tos/use-copilot-agents/use-copilot-cli */
const copilot: RunnableClient = {
  id: "copilot",
  label: "Copilot CLI",
  programs: ["copilot"],
  install: "npm install -g @github/copilot (https://github.com/features/copilot/cli)",
};

/** By its id or its program's name. @throws PorticoError with the names that there are */
export function runnable(name: string): RunnableClient {
  return clientNamed(name, [...CLIENTS, copilot]);
}

export function clientNamed<T extends RunnableClient>(name: string, all: readonly T[]): T {
  const found = all.find(({ id, programs }) => id === name || programs.includes(name));
  if (found !== undefined) return found;
  const known = all.map(({ id }) => id).join(", ");
  throw badRequest(`There is no client ${JSON.stringify(name)}. There are: ${known}.`);
}
