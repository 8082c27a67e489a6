/** A `generateContent` request as the canonical one. */

import { badRequest } from "../../../common/errors.ts";
import { compact, isRecord } from "../../../common/json.ts";
import type { ChatRequest, Message, TextPart, ToolChoice } from "../../chat.ts";
import type { DecodeContext } from "../../codec.ts";
import { requestSchema, type WireContent, type WireToolConfig } from "../schema.ts";
import { asSignature } from "../signature.ts";
import { check } from "../values.ts";
import { decodeConfig } from "./decodeConfig.ts";
import { decodeContents } from "./decodeContents.ts";
import { decodeTools } from "./decodeTools.ts";
import { Leftovers } from "./leftovers.ts";

/** Google's names for the tiers that the canonical model names after OpenAI's. */
const TIERS: Readonly<Record<string, string>> = { standard: "default", unspecified: "auto" };

/** @throws PorticoError `invalid_request` naming the field. */
export function decodeRequest(body: unknown, context: DecodeContext): ChatRequest {
  if (!isRecord(body)) throw badRequest("The request body must be a JSON object with `contents`.");
  const leftovers = new Leftovers();
  const {
    model: _,
    contents,
    systemInstruction,
    tools,
    toolConfig,
    generationConfig,
    cachedContent,
    labels,
    serviceTier,
    ...rest
  } = check(requestSchema, body);
  const messages: Message[] = [
    ...decodeSystem(systemInstruction, leftovers),
    ...decodeContents(contents, leftovers),
  ];
  const choice = decodeToolChoice(toolConfig, leftovers);
  const config = decodeConfig(generationConfig, leftovers);
  const decodedTools = decodeTools(tools ?? [], leftovers);
  for (const [key, value] of Object.entries(rest)) leftovers.field(key, value);
  const extra = leftovers.fields();
  return compact({
    model: context.model,
    messages,
    tools: decodedTools,
    toolChoice: choice,
    ...config,
    stream: context.stream,
    cachedContent,
    metadata: labels,
    serviceTier: serviceTier && (TIERS[serviceTier.toLowerCase()] ?? serviceTier),
    extra: extra && { protocol: "gemini", fields: extra },
  });
}

function decodeSystem(content: WireContent | undefined, leftovers: Leftovers): Message[] {
  const parts: TextPart[] = [];
  for (const [index, part] of (content?.parts ?? []).entries()) {
    if (part.text !== undefined) {
      parts.push({ type: "text", text: part.text, ...asSignature(part.thoughtSignature) });
    } else {
      leftovers.field(`systemInstruction.parts[${index}]`, part);
    }
  }
  return parts.length === 0 ? [] : [{ role: "system", parts }];
}

function decodeToolChoice(config: WireToolConfig | undefined, leftovers: Leftovers): ToolChoice | undefined {
  if (config === undefined) return undefined;
  const { functionCallingConfig, ...rest } = config;
  const { mode, allowedFunctionNames: names = [], ...unknown } = functionCallingConfig ?? {};
  const kept: Record<string, unknown> = { ...unknown };
  let choice: ToolChoice | undefined;
  switch (mode?.toUpperCase() ?? "MODE_UNSPECIFIED") {
    case "AUTO":
      choice = { type: "auto" };
      break;
    case "NONE":
      choice = { type: "none" };
      break;
    case "ANY":
      choice = anyOf(names);
      break;
    case "VALIDATED":
      choice = names.length > 0 ? { type: "allowed", mode: "auto", names } : { type: "auto" };
      if (names.length === 0) kept.mode = "VALIDATED";
      break;
    case "MODE_UNSPECIFIED":
      break;
    default:
      kept.mode = mode;
  }
  if (Object.keys(kept).length > 0) leftovers.nested("toolConfig", "functionCallingConfig", kept);
  for (const [key, value] of Object.entries(rest)) leftovers.nested("toolConfig", key, value);
  return choice;
}

function anyOf(names: string[]): ToolChoice {
  const [only] = names;
  if (only === undefined) return { type: "required" };
  return names.length === 1 ? { type: "tool", name: only } : { type: "allowed", mode: "required", names };
}
