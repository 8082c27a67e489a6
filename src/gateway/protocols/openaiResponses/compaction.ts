/**
 * Summaries in `compaction` items: Portico's own, which every account can read, and blocks of other protocols that ride
 * in them; and `context_management`, which asks the provider for them (`openai` types, `ResponseCreateParams.ContextManagement`).
 */
import { Buffer } from "node:buffer";
import { PROTOCOLS } from "../../../control/protocol.ts";
import { type Fields, fieldsOf, isRecord, listOf, numberOf, parseJson, textOf } from "../../common/json.ts";
import type { AutoCompact, ChatRequest, ProviderPart, Warn } from "../chat.ts";
import { type SummaryBlock, summaryText } from "../compaction.ts";
import { ownId } from "./ids.ts";

/** Begin like everything of ours in `encrypted_content`, so that it never goes to OpenAI as it is. */
const MARK = "portico.summary.1.";
/** With the block that it came in, as JSON. */
const BLOCK_MARK = "portico.summary.2.";
const TYPES: ReadonlySet<unknown> = new Set(["compaction", "compaction_summary"]);

const sealed = (text: string) => Buffer.from(text, "utf8").toString("base64url");
const opened = (text: string) => Buffer.from(text, "base64url").toString("utf8");

/** @param newId 24 letters and digits */
export function summaryItem(newId: () => string): SummaryBlock {
  return {
    part: (summary) => ({
      type: "provider",
      protocol: "openai-responses",
      raw: { type: "compaction", id: ownId("cmp", newId()), encrypted_content: MARK + sealed(summary) },
    }),
  };
}

/** The item, without its id, for a summary that a provider of another protocol gave; `undefined`: it is none. */
export function blockItem(part: ProviderPart): Fields | undefined {
  const { protocol, raw, summary, model } = part;
  if (summary === undefined) return undefined;
  const block = JSON.stringify({ protocol, raw, summary, model });
  return { type: "compaction", encrypted_content: BLOCK_MARK + sealed(block) };
}

const contentOf = (item: Fields): string =>
  TYPES.has(item.type) ? (textOf(item.encrypted_content) ?? "") : "";

/** The block that rides in a compaction item of ours. `undefined`: there is none. */
export function readBlock(item: Fields): ProviderPart | undefined {
  const content = contentOf(item);
  if (!content.startsWith(BLOCK_MARK)) return undefined;
  const {
    protocol: name,
    raw,
    summary,
    model,
  } = fieldsOf(parseJson(opened(content.slice(BLOCK_MARK.length))));
  const protocol = PROTOCOLS.find((known) => known === name);
  if (protocol === undefined || !isRecord(raw) || typeof summary !== "string") return undefined;
  return { type: "provider", protocol, raw, summary, ...(typeof model === "string" ? { model } : {}) };
}

/** What a compaction item of ours says. `undefined`: it is another's. */
function readSummary(item: Fields): string | undefined {
  const content = contentOf(item);
  return content.startsWith(MARK) ? opened(content.slice(MARK.length)) : readBlock(item)?.summary;
}

/** The item as a message, for a provider of this protocol. */
export function summaryMessage(item: Fields): Fields | undefined {
  const summary = readSummary(item);
  if (summary === undefined) return undefined;
  return { type: "message", role: "user", content: [{ type: "input_text", text: summaryText(summary) }] };
}

/** An item of ours as the part that it stands for. `undefined`: it is another's. */
export function summaryPart(item: Fields): ProviderPart | undefined {
  const summary = readSummary(item);
  if (summary === undefined) return undefined;
  return (
    readBlock(item) ?? {
      type: "provider",
      protocol: "openai-responses",
      raw: summaryMessage(item),
      summary,
    }
  );
}

const isWish = (entry: unknown) => fieldsOf(entry).type === "compaction";

/** `context_management` of a request: the wish for summaries, and other entries. */
export function decodeContextManagement(given: unknown): { autoCompact?: AutoCompact; rest?: unknown } {
  const wish = listOf(given).find(isWish);
  if (wish === undefined) return { rest: given ?? undefined };
  const others = listOf(given).filter((entry) => entry !== wish);
  const atTokens = numberOf(fieldsOf(wish).compact_threshold);
  return {
    autoCompact: atTokens === undefined ? {} : { atTokens },
    ...(others.length > 0 ? { rest: others } : {}),
  };
}

/** @param given other entries, of a client of this protocol */
export function encodeContextManagement(
  { autoCompact }: ChatRequest,
  given: unknown,
  warn: Warn,
): readonly unknown[] | undefined {
  if (autoCompact === undefined) return undefined;
  if (autoCompact.readable) {
    // "It is opaque and not intended to be human-interpretable": https://developers.openai.com/api/docs/guides/compaction
    warn("context_management", "left out: OpenAI encrypts its summaries, and this client has to read them");
    return undefined;
  }
  const { atTokens } = autoCompact;
  return [
    { type: "compaction", ...(atTokens === undefined ? {} : { compact_threshold: atTokens }) },
    ...listOf(given),
  ];
}
