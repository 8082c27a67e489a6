/** The messages of a chat completions request, each checked by the schema of its role. */
import { isRecord, textOf } from "../../../common/json.ts";
import type { AssistantPart, Message, TextPart, ToolCallPart, ToolResultPart } from "../../chat.ts";
import { interleave, type PlacedReasoning } from "../interleave.ts";
import * as schema from "../schema.ts";
import { placedReasoning, signatureFromExtra } from "../signatures.ts";
import { fail, parse } from "../validate.ts";
import {
  decodeAssistantContent,
  decodeResultContent,
  decodeTextContent,
  decodeUserContent,
} from "./decodeParts.ts";

type Path = readonly PropertyKey[];
type AssistantMessage = ReturnType<(typeof schema.assistantMessage)["parse"]>;

const ROLES = "developer, system, user, assistant, tool, function";

const named = (name: string | null | undefined) => (name ? { name } : {});

/** Calls seen so far, so that a result knows the name and kind of the call it answers. */
interface Calls {
  byId: Map<string, ToolCallPart>;
  /** Ids made for the deprecated `function_call`, waiting for their `function` message. */
  legacy: Map<string, string[]>;
}

function decodeToolCall(call: schemaToolCall, i: number, path: Path): ToolCallPart {
  const signature = signatureFromExtra(call.extra_content);
  const shared = {
    type: "tool-call" as const,
    callId: call.id || `call_${i}`,
    ...(signature ? { signature } : {}),
  };
  if (call.custom != null)
    return { ...shared, kind: "custom", name: call.custom.name, input: call.custom.input };
  if (call.function == null) return fail([...path, "function"], "a tool call needs `function` or `custom`");
  const { name, arguments: input } = call.function;
  return {
    ...shared,
    kind: "function",
    name,
    input: typeof input === "string" ? input : input == null ? "" : JSON.stringify(input),
  };
}
type schemaToolCall = ReturnType<(typeof schema.toolCall)["parse"]>;

function decodeAssistantReasoning(message: AssistantMessage): PlacedReasoning[] {
  const plain = textOf(message.reasoning_content) ?? textOf(message.reasoning) ?? "";
  return placedReasoning(plain, message.reasoning_details);
}

/** A signature of the whole message belongs to its last text. */
function signLastText(parts: AssistantPart[], extra: unknown): void {
  const signature = signatureFromExtra(extra);
  if (signature === undefined) return;
  const last = parts.findLast((part): part is TextPart => part.type === "text");
  if (last === undefined) parts.push({ type: "text", text: "", signature });
  else last.signature = signature;
}

function decodeAssistant(message: AssistantMessage, path: Path, index: number, calls: Calls): Message {
  const content = decodeAssistantContent(message.content, [...path, "content"]);
  const parts: AssistantPart[] = content;
  signLastText(parts, message.extra_content);
  if (message.refusal) parts.push({ type: "refusal", text: message.refusal });
  if (message.audio != null) {
    parts.push({
      type: "audio",
      id: message.audio.id,
      source: { kind: "file", id: message.audio.id, protocol: "openai-chat" },
    });
  }
  if (message.function_call != null) {
    const { name, arguments: input } = message.function_call;
    const callId = `call_${index}_${name}`;
    calls.legacy.set(name, [...(calls.legacy.get(name) ?? []), callId]);
    parts.push({ type: "tool-call", callId, kind: "function", name, input });
  }
  const called = (message.tool_calls ?? []).map((call, i) => {
    const part = decodeToolCall(call, i, [...path, "tool_calls", i]);
    calls.byId.set(part.callId, part);
    return part;
  });
  const inOrder = interleave(decodeAssistantReasoning(message), parts, called);
  return { role: "assistant", parts: inOrder, ...named(message.name) };
}

function decodeTool(input: unknown, path: Path, calls: Calls): ToolResultPart {
  const message = parse(schema.toolMessage, input, path);
  const call = calls.byId.get(message.tool_call_id);
  const name = call?.name ?? textOf(message.name);
  return {
    type: "tool-result",
    callId: message.tool_call_id,
    kind: call?.kind ?? "function",
    content: decodeResultContent(message.content, [...path, "content"]),
    ...named(name),
  };
}

function decodeFunctionResult(input: unknown, path: Path, calls: Calls): ToolResultPart {
  const message = parse(schema.functionMessage, input, path);
  return {
    type: "tool-result",
    callId: calls.legacy.get(message.name)?.shift() ?? `call_${message.name}`,
    kind: "function",
    name: message.name,
    content: decodeResultContent(message.content, [...path, "content"]),
  };
}

/** @throws PorticoError naming the field, e.g. `messages[2].content[0].text`. */
export function decodeMessages(input: readonly { role: string }[]): Message[] {
  const calls: Calls = { byId: new Map(), legacy: new Map() };
  const messages: Message[] = [];
  /** Results of one turn are one message. */
  const pushResult = (part: ToolResultPart): void => {
    const last = messages.at(-1);
    if (last?.role === "tool") last.parts.push(part);
    else messages.push({ role: "tool", parts: [part] });
  };
  for (const [i, message] of input.entries()) {
    const path = ["messages", i];
    if (!isRecord(message)) return fail(path, "expected an object");
    switch (message.role) {
      case "system":
      case "developer": {
        const parsed = parse(schema.systemMessage, message, path);
        const parts = decodeTextContent(parsed.content, [...path, "content"]);
        messages.push({ role: parsed.role, parts, ...named(parsed.name) });
        break;
      }
      case "user": {
        const parsed = parse(schema.userMessage, message, path);
        const parts = decodeUserContent(parsed.content, [...path, "content"]);
        messages.push({ role: "user", parts, ...named(parsed.name) });
        break;
      }
      case "assistant":
        messages.push(decodeAssistant(parse(schema.assistantMessage, message, path), path, i, calls));
        break;
      case "tool":
        pushResult(decodeTool(message, path, calls));
        break;
      case "function":
        pushResult(decodeFunctionResult(message, path, calls));
        break;
      default:
        return fail([...path, "role"], `must be one of ${ROLES}`);
    }
  }
  return messages;
}
