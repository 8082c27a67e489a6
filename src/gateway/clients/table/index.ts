/** Every client that is connected by its settings, in the order in which they are shown. */
import { claudeCode } from "./claudeCode.ts";
import type { ClientSpec } from "./client.ts";
import { codex } from "./codex.ts";
import { geminiCli } from "./geminiCli.ts";
import { kilo, openCode } from "./openCode.ts";
import { pi } from "./pi.ts";
import { qwenCode } from "./qwenCode.ts";

export const CLIENTS: readonly ClientSpec[] = [claudeCode, codex, geminiCli, openCode, kilo, pi, qwenCode];
