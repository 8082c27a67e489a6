/**
 * A model's name, taken apart. Endpoints decorate the same model differently: OpenRouter and Vertex put a
 * vendor or a path in front (`anthropic/claude-opus-4.8`, `publishers/google/models/gemini-2.5-pro`), Bedrock
 * a region and a revision around it (`us.anthropic.claude-opus-4-5-20251101-v1:0`), providers a date or
 * `-latest` behind it.
 */

export interface ModelName {
  /** `claude`, `gpt`, `o`, `gemini`, …; of a name that we know nothing of, its first word. */
  readonly family: string;
  /** 504 for 5.4; `Infinity` where the name tells none: the newest of its line. */
  readonly version: number;
  /** What else it says, in its order: `["codex", "max"]`. */
  readonly words: readonly string[];
}

/** A longer one comes before its own beginning. */
const FAMILIES = [
  "claude",
  "gpt-oss",
  "gpt",
  "chatgpt",
  "codex",
  "gemini",
  "gemma",
  "grok",
  "deepseek",
  "kimi",
  "glm",
  "mistral",
  "magistral",
  "devstral",
  "codestral",
  "ministral",
] as const;

/** `us.anthropic.`, `global.anthropic.`, `openai.`: words with a dot behind, before a letter. */
const DOTTED = /^(?:[a-z][a-z-]*\.)+(?=[a-z])/;
/** `-2026-04-23`, `-20251101`, `@20251101`, `@default`, `-v1`, as well as what stands behind a colon. */
const DATE = /-20\d\d-[01]\d-[0-3]\d(?=-|$)|[-@]20\d{6}(?=-|$)/g;
const REVISION = /@.*$|-v\d+$/;

/** Versions as numbers that can be compared; both parts below 100. */
export const versionOf = (major: number, minor: number): number => major * 100 + minor;

/** The name without vendor, region, path, date, revision and `-latest`, in lower case. */
export function bareName(model: string): string {
  let name = model.toLowerCase();
  // A tuned model is named after what it was made from: `ft:gpt-4.1-mini:organization::id`.
  if (name.startsWith("ft:")) name = name.slice(3);
  name = name.slice(name.lastIndexOf("/") + 1).replace(/:.*$/, "");
  return name
    .replace(DOTTED, "")
    .replace(DATE, "")
    .replace(REVISION, "")
    .replace(/-latest$/, "");
}

export function parseModelName(model: string): ModelName {
  const bare = bareName(model);
  const o = /^o(\d)(?:-|$)/.exec(bare);
  if (o !== null) return { family: "o", version: versionOf(Number(o[1]), 0), words: wordsOf(bare.slice(2)) };
  const family = FAMILIES.find((each) => new RegExp(`(?:^|[-_.])${each}(?![a-z])`).test(bare));
  if (family === undefined) {
    const [first = "", ...rest] = bare.split("-");
    return { family: first, ...split(rest) };
  }
  const at = bare.indexOf(family);
  return { family, ...split(wordsOf(bare.slice(at + family.length))) };
}

const wordsOf = (text: string): string[] => text.split(/[-_]/).filter((word) => word !== "");

/** `5`, `5.4`, `k2.6`, `v4`, `5p3` (Fireworks), `4o`. */
const VERSION = /^[kv]?(\d{1,2})(?:[.p](\d{1,2}))?(o)?$/;

/** Year and month of a snapshot that names no version (`mistral-large-2411`): an old one. */
const SNAPSHOT = /^2[3-9](?:0[1-9]|1[0-2])$/;

/** The first number is the version, a second one right behind it its minor part: `claude-opus-4-5`. */
function split(parts: readonly string[]): Omit<ModelName, "family"> {
  const words: string[] = [];
  let version: number | undefined;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? "";
    const found = version === undefined ? VERSION.exec(part) : null;
    if (found === null) {
      words.push(part);
      continue;
    }
    let minor = found[2];
    const next = parts[index + 1] ?? "";
    if (minor === undefined && found[3] === undefined && /^\d{1,2}$/.test(next)) {
      minor = next;
      index++;
    }
    version = versionOf(Number(found[1]), Number(minor ?? 0));
    if (found[3] !== undefined) words.push(part);
  }
  const old = words.some((word) => SNAPSHOT.test(word)) ? 0 : Number.POSITIVE_INFINITY;
  return { version: version ?? old, words };
}
