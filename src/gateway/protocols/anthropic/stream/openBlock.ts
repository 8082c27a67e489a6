/** One content block of a provider's stream, from its start to its end. */
import { compact, isRecord, parseJson } from "../../../common/json.ts";
import type { ChatEvent } from "../../chat.ts";
import { JsonProgress } from "../../jsonProgress.ts";
import { decodeCitation } from "../citations.ts";
import { unknownBlock } from "../compaction.ts";
import type { JsonObject } from "../json.ts";
import { providerToolPart } from "../providerTools.ts";
import { withModel } from "../reply.ts";
import { openSignature } from "../signature.ts";

export interface OpenBlock {
  /** `tool`: a call that the client is to run. */
  readonly kind: "text" | "reasoning" | "tool" | "whole";
  readonly type: unknown;
  readonly callId: string | undefined;
  /** Is all of it there, as far as that shows? */
  readonly whole: boolean;
  start(): ChatEvent[];
  delta(delta: JsonObject): ChatEvent[];
  end(): ChatEvent[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/**
 * @param id of the canonical part.
 * @param model the model that was asked, which a signature is good for.
 */
export function openBlock(block: JsonObject, id: string, model: string): OpenBlock {
  switch (block.type) {
    case "text":
      return textBlock(block, id);
    case "thinking":
    case "redacted_thinking":
      return reasoningBlock(block, id, model);
    case "tool_use":
      return toolBlock(block, id);
    default:
      return wholeBlock(block, model);
  }
}

function textBlock(block: JsonObject, id: string): OpenBlock {
  const say = (words: string): ChatEvent[] => (words === "" ? [] : [{ type: "text-delta", id, text: words }]);
  const cite = (wire: unknown): ChatEvent[] => {
    const citation = decodeCitation(wire);
    return citation === undefined ? [] : [{ type: "citation", id, citation }];
  };
  return {
    kind: "text",
    type: block.type,
    callId: undefined,
    whole: true,
    start: () => [
      { type: "text-start", id },
      ...say(text(block.text)),
      ...(Array.isArray(block.citations) ? block.citations.flatMap(cite) : []),
    ],
    delta: (delta) => (delta.type === "citations_delta" ? cite(delta.citation) : say(text(delta.text))),
    end: () => [{ type: "text-end", id }],
  };
}

function reasoningBlock(block: JsonObject, id: string, model: string): OpenBlock {
  const redacted = block.type === "redacted_thinking";
  let sealed = text(redacted ? block.data : block.signature);
  const say = (words: string): ChatEvent[] =>
    words === "" ? [] : [{ type: "reasoning-delta", id, text: words }];
  return {
    kind: "reasoning",
    type: block.type,
    callId: undefined,
    whole: true,
    start: () => [{ type: "reasoning-start", id }, ...say(text(block.thinking))],
    delta: (delta) => {
      if (delta.type !== "signature_delta") return say(text(delta.thinking));
      // Not a fragment: the last one counts, as in the SDK.
      sealed = text(delta.signature) || sealed;
      return [];
    },
    end: () => {
      const opened = withModel(openSignature(sealed, redacted ? "redacted" : "signature"), model);
      return [{ type: "reasoning-end", id, ...compact({ signature: opened?.signature }) }];
    },
  };
}

function toolBlock(block: JsonObject, id: string): OpenBlock {
  let any = false;
  // Some providers give the whole input at the start.
  const given = isRecord(block.input) && Object.keys(block.input).length > 0;
  const progress = new JsonProgress();
  const callId = text(block.id);
  return {
    kind: "tool",
    type: block.type,
    callId,
    get whole() {
      return any ? progress.complete : given;
    },
    start: () => [{ type: "tool-start", id, callId, name: text(block.name), kind: "function" }],
    delta: (delta) => {
      const json = text(delta.partial_json);
      if (json === "") return [];
      any = true;
      progress.push(json);
      return [{ type: "tool-delta", id, delta: json }];
    },
    end: () => {
      return [
        ...(given && !any ? [{ type: "tool-delta" as const, id, delta: JSON.stringify(block.input) }] : []),
        { type: "tool-end", id },
      ];
    },
  };
}

/** Tools that the provider runs and blocks that only this protocol knows are passed on in one piece. */
function wholeBlock(block: JsonObject, model: string): OpenBlock {
  const raw: JsonObject = { ...block };
  const json: string[] = [];
  return {
    kind: "whole",
    whole: true,
    type: block.type,
    callId: typeof block.id === "string" ? block.id : undefined,
    start: () => [],
    delta: (delta) => {
      if (delta.type === "input_json_delta") json.push(text(delta.partial_json));
      else merge(raw, delta);
      return [];
    },
    end: () => {
      const input = json.join("");
      if (input !== "") raw.input = parseJson(input) ?? raw.input;
      return [{ type: "part", part: providerToolPart(raw) ?? unknownBlock(raw, model) }];
    },
  };
}

/** A delta that is not known: texts are joined, anything else replaces what was there. */
function merge(raw: JsonObject, delta: JsonObject): void {
  for (const [key, value] of Object.entries(delta)) {
    if (key === "type") continue;
    const before = raw[key];
    raw[key] = typeof before === "string" && typeof value === "string" ? before + value : value;
  }
}
