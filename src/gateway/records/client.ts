/**
 * Which program sends a request, as people call it. Most say so in `User-Agent`; some that are built on
 * somebody else's library say it in a header of their own. It is for showing alone: anybody can claim
 * anything, so nothing is decided by it.
 */
import { setLatest } from "../common/latest.ts";

/** Names in lower case, as Node has them. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Unit: characters. */
const MAX_NAME = 40;
export const UNKNOWN_CLIENT = "unknown";

/** What a program calls itself, to what people call it. The first that fits counts. */
const AGENTS: readonly (readonly [RegExp, string])[] = [
  [/^claude-cli\//i, "Claude Code"],
  [/^claude-(?:code|vscode)\b/i, "Claude Code"],
  [/^codex[_ -](?:cli|exec|tui|vscode|app)/i, "Codex"],
  [/^codex\//i, "Codex"],
  [/^GeminiCLI\b/i, "Gemini CLI"],
  [/^opencode\//i, "OpenCode"],
  [/^Roo-?Code\//i, "Roo Code"],
  [/^Kilo-?Code\//i, "Kilo Code"],
  [/^Cline\//i, "Cline"],
  [/\bcontinue(?:dev)?\//i, "Continue"],
  [/^Cursor\//i, "Cursor"],
  [/^aider\b/i, "aider"],
  [/^Zed\//i, "Zed"],
  [/^GitHubCopilotChat\//i, "VS Code chat"],
  [/^(?:vscode|visual studio code)\b/i, "VS Code chat"],
  [/^goose\b/i, "Goose"],
  [/^crush\//i, "Crush"],
  [/^qwen-?code\//i, "Qwen Code"],
  [/\blang(?:chain|graph)/i, "LangChain"],
  [/\bllama-?index\b/i, "LlamaIndex"],
  [/^(?:ai\/\d|.*\bai-sdk\/)/i, "AI SDK"],
  [/^litellm\b/i, "LiteLLM"],
  [/^(?:Async)?OpenAI\/Python\b/i, "OpenAI SDK (Python)"],
  // Bundlers shorten the class that it is named by: `ls/JS`.
  [/^(?:OpenAI|[\w$]{1,3})\/JS\b/i, "OpenAI SDK (JavaScript)"],
  [/^(?:Async)?Anthropic\/Python\b/i, "Anthropic SDK (Python)"],
  [/^Anthropic\/JS\b/i, "Anthropic SDK (JavaScript)"],
  [/^google-genai-sdk\/.*\bgl-python\//i, "Google SDK (Python)"],
  [/^google-genai-sdk\/.*\bgl-node\//i, "Google SDK (JavaScript)"],
  [/^google-genai-sdk\//i, "Google SDK"],
  [/^curl\//i, "curl"],
  [/^Wget\//i, "wget"],
  [/^PostmanRuntime\//i, "Postman"],
  [/^python-(?:requests|httpx|urllib)\b/i, "Python"],
  [/^(?:node|undici|node-fetch)\b/i, "Node.js"],
  [/^bun\//i, "Bun"],
  [/^deno\//i, "Deno"],
  [/^go-http-client\//i, "Go"],
  [/^okhttp\//i, "OkHttp"],
];

/** Titles that programs built on a library give themselves, for the statistics of OpenRouter and others. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^cline$/i, "Cline"],
  [/^roo[ -]?code$/i, "Roo Code"],
  [/^kilo[ -]?code$/i, "Kilo Code"],
  [/^aider$/i, "aider"],
  [/^opencode$/i, "OpenCode"],
  [/^continue(?:\.dev)?$/i, "Continue"],
  [/^zed(?: editor)?$/i, "Zed"],
  [/^goose$/i, "Goose"],
];

/** Where such programs say that they come from. */
const REFERERS: readonly (readonly [RegExp, string])[] = [
  [/^https:\/\/cline\.bot\b/i, "Cline"],
  [/^https:\/\/github\.com\/RooVetGit\//i, "Roo Code"],
  [/^https:\/\/kilocode\.ai\b/i, "Kilo Code"],
  [/^https:\/\/aider\.chat\b/i, "aider"],
  [/^https:\/\/opencode\.ai\b/i, "OpenCode"],
  [/^https:\/\/(?:www\.)?continue\.dev\b/i, "Continue"],
  [/^https:\/\/zed\.dev\b/i, "Zed"],
];

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg\//, "Edge"],
  [/\bFirefox\//, "Firefox"],
  [/\bChrome\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const first = (rules: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  rules.find(([pattern]) => pattern.test(text))?.[1];

/** @returns what people call it; else what it calls itself; else `unknown` */
export function clientOf(headers: ClientHeaders): string {
  const agent = header(headers, "user-agent");
  const known = byAgent(agent);
  // A library's name says less than that of the program around it.
  if (known?.sure === true) return known.name;
  const title = header(headers, "x-title");
  const told =
    (title === "" ? undefined : first(TITLES, title)) ??
    first(REFERERS, header(headers, "http-referer") || header(headers, "referer")) ??
    byOrigin(headers);
  return told ?? known?.name ?? UNKNOWN_CLIENT;
}

/** Headers as Node's `rawHeaders` has them: names and values in turn. */
export function namedHeaders(raw: readonly string[]): ClientHeaders {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    headers[(raw[index] ?? "").toLowerCase()] ??= raw[index + 1] ?? "";
  }
  return headers;
}

/** Codex names the surface that runs it; Claude Code and Copilot CLI have headers that others have not. */
function byOrigin(headers: ClientHeaders): string | undefined {
  if (/^codex/i.test(header(headers, "originator"))) return "Codex";
  if (header(headers, "x-claude-code-session-id") !== "") return "Claude Code";
  if (header(headers, "x-interaction-type") !== "") return "Copilot CLI";
  return undefined;
}

interface Named {
  readonly name: string;
  /** No header can say more. */
  readonly sure: boolean;
}

/** Answers by `User-Agent`, since clients send the same again and again; the oldest go first. */
const answers = new Map<string, Named | undefined>();
const REMEMBERED = 500;

function byAgent(agent: string): Named | undefined {
  if (answers.has(agent)) return answers.get(agent);
  const found = nameOf(agent);
  setLatest(answers, agent, found, REMEMBERED);
  return found;
}

/** From here on down the table are libraries and tools. */
const LIBRARIES = AGENTS.findIndex(([, name]) => name === "LangChain");

function nameOf(agent: string): Named | undefined {
  const index = AGENTS.findIndex(([pattern]) => pattern.test(agent));
  const known = AGENTS[index]?.[1];
  if (known !== undefined) return { name: known, sure: index < LIBRARIES };
  if (/^Mozilla\//.test(agent)) {
    const program = /\b(Cursor|Code|Zed|Windsurf)\/[\d.]+/.exec(agent)?.[1];
    if (program !== undefined) return { name: program === "Code" ? "VS Code" : program, sure: false };
    return { name: first(BROWSERS, agent) ?? "Browser", sure: false };
  }
  const token = /^[^\s/()]+/.exec(agent.trim())?.[0].replace(/[^\w .+-]/g, "");
  return token === undefined || token === "" ? undefined : { name: token.slice(0, MAX_NAME), sure: false };
}

function header(headers: ClientHeaders, name: string): string {
  const value = headers[name];
  return (typeof value === "string" ? value : (value?.[0] ?? "")).slice(0, 300);
}
