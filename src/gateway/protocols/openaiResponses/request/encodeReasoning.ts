/** Canonical reasoning as one reasoning item. */

import { compact, type Fields } from "../../../common/json.ts";
import type { ReasoningPart, Signature } from "../../chat.ts";
import { providerItemId } from "../ids.ts";
import { isCarried } from "../signatures.ts";
import type { InputOptions } from "./encodeInput.ts";

const PROTOCOL = "openai-responses" as const;
/** Providers whose open models take plain reasoning text back. */
const PLAIN_REASONING = new Set(["lmstudio", "vllm", "ollama"]);

/** @param group the parts of one item @returns `undefined` where the provider would not take it, with a warning */
export function reasoningItem(
  group: readonly ReasoningPart[],
  at: string,
  options: InputOptions,
): Fields | undefined {
  const { provider, own, store, warn } = options;
  const signature: Signature | undefined = group.at(-1)?.signature;
  const id = providerItemId("reasoning", group[0]?.itemId);
  const mine =
    signature?.protocol === PROTOCOL && signature.kind === "encrypted" && !isCarried(signature.data);
  const stored = id !== undefined && own && store !== false && signature === undefined;
  const plain = PLAIN_REASONING.has(provider) && (signature === undefined || mine);
  if (!mine && !stored && !plain) {
    warn(at, "reasoning of another model or without its signature was not sent back");
    return undefined;
  }
  const texts = group.filter((part) => part.text !== "");
  const content = texts.filter((part) => part.summary === false || (plain && !part.summary));
  const summary = texts.filter((part) => !content.includes(part));
  return compact({
    type: "reasoning" as const,
    id,
    summary: summary.map((part) => ({ type: "summary_text", text: part.text })),
    content: content.length
      ? content.map((part) => ({ type: "reasoning_text", text: part.text }))
      : undefined,
    encrypted_content: mine ? signature.data : undefined,
  });
}
