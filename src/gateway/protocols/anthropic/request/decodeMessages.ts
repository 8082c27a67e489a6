/** `system` and `messages` as canonical messages. */
import { isRecord, leftover } from "../../../common/json.ts";
import type { AssistantPart, Message, TextPart, ToolResultPart, UserPart } from "../../chat.ts";
import type { JsonObject } from "../json.ts";
import { check, messageSchema, textBlock } from "../schema.ts";
import { type BlockContext, decodeBlock, decodeText, decodeToolResult } from "./decodeBlocks.ts";

const SYSTEM_FIELDS = new Set(["role", "content"]);

/** The top-level `system`, which is a string or text blocks. */
export function decodeSystem(system: string | unknown[]): Message[] {
  const parts: TextPart[] =
    typeof system === "string"
      ? [{ type: "text", text: system }]
      : system.map((block, i) => decodeText(check(textBlock, block, `system[${i}]`), `system[${i}]`));
  return parts.length === 0 ? [] : [{ role: "system", parts }];
}

export function decodeMessages(messages: unknown[], context: BlockContext): Message[] {
  const out: Message[] = [];
  messages.forEach((message, i) => {
    const path = `messages[${i}]`;
    const { role, content } = check(messageSchema, message, path);
    if (role === "system") {
      out.push(...decodeSystemMessage(isRecord(message) ? message : {}, content, path));
    } else if (content === null || content === undefined) {
      check(messageSchema.required({ content: true }), { role, content: 0 }, path);
    } else if (typeof content === "string") {
      out.push({ role, parts: [{ type: "text", text: content }] });
    } else if (role === "user") {
      out.push(...decodeUser(content, `${path}.content`, context));
    } else {
      const parts = content.map((block, j) => asAssistant(block, `${path}.content[${j}]`, context));
      out.push({ role, parts });
    }
  });
  return out;
}

/**
 * A system message within the conversation. What has no canonical place in it (tools that come or
 * go, fields such as `clear_at`) rides behind it as the whole message, for a target of this protocol.
 */
function decodeSystemMessage(
  message: JsonObject,
  content: string | JsonObject[] | null | undefined,
  path: string,
): Message[] {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
  const texts = blocks.filter((block) => block.type === "text");
  const parts = texts.map((block) => decodeText(block, `${path}.content[${blocks.indexOf(block)}]`));
  const out: Message[] = parts.length === 0 ? [] : [{ role: "system", parts }];
  if (texts.length < blocks.length || leftover(message, SYSTEM_FIELDS) !== undefined) {
    out.push({ role: "user", parts: [{ type: "provider", protocol: "anthropic", raw: message }] });
  }
  return out;
}

/** Tool results become messages of their own, in their place. */
function decodeUser(content: JsonObject[], path: string, context: BlockContext): Message[] {
  const out: Message[] = [];
  let results: ToolResultPart[] | undefined;
  let parts: UserPart[] | undefined;
  content.forEach((block, j) => {
    const at = `${path}[${j}]`;
    if (block.type === "tool_result") {
      parts = undefined;
      if (results === undefined) {
        results = [];
        out.push({ role: "tool", parts: results });
      }
      results.push(decodeToolResult(block, at, context));
    } else {
      results = undefined;
      if (parts === undefined) {
        parts = [];
        out.push({ role: "user", parts });
      }
      parts.push(asUser(block, at, context));
    }
  });
  if (out.length === 0) out.push({ role: "user", parts: [] });
  return out;
}

function asUser(block: JsonObject, path: string, context: BlockContext): UserPart {
  const part = decodeBlock(block, path, context);
  // Calls and thinking of the assistant have no place in a user's message; the target will say so.
  if (part.type === "tool-call" || part.type === "reasoning") {
    return { type: "provider", protocol: "anthropic", raw: block };
  }
  return part;
}

function asAssistant(block: JsonObject, path: string, context: BlockContext): AssistantPart {
  const part = decodeBlock(block, path, context);
  return part.type === "document" ? { type: "provider", protocol: "anthropic", raw: block } : part;
}
