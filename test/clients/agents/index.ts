import type { PreparedAgent } from "./agent.ts";
import { claudeCode } from "./claudeCode.ts";
import { codex, codexCode } from "./codex.ts";
import { geminiCli } from "./geminiCli.ts";
import { openCode } from "./openCode.ts";

/** Codex appears twice, as its newer models are given other tools. */
export const AGENTS: readonly PreparedAgent[] = [claudeCode, codex, geminiCli, openCode, codexCode];
