/** `contents` as canonical messages. */
import { fieldsOf } from "../../../common/json.ts";
import type { AssistantPart, Message, ToolResultContent, ToolResultPart, UserPart } from "../../chat.ts";
import { mediaTypeOf } from "../../mediaType.ts";
import { requestCallId } from "../callIds.ts";
import { fileSource, type MediaPart, mediaPart } from "../media.ts";
import { providerTool } from "../providerTools.ts";
import type { WireContent, WireFunctionResponse, WirePart } from "../schema.ts";
import { asSignature } from "../signature.ts";
import type { Leftovers } from "./leftovers.ts";

/** A call that waits for its result. */
interface Pending {
  callId: string;
  name: string;
  answered: boolean;
}

export function decodeContents(contents: readonly WireContent[], leftovers: Leftovers): Message[] {
  const out: Message[] = [];
  let pending: Pending[] = [];
  for (const [index, content] of contents.entries()) {
    const parts = content.parts ?? [];
    if (content.role?.toLowerCase() === "model") {
      const calls: Pending[] = [];
      const decoded = parts.map((part, at) =>
        modelPart(part, `contents[${index}].parts[${at}]`, index, calls, leftovers),
      );
      if (calls.length > 0) pending = [...pending.filter((call) => !call.answered), ...calls];
      if (decoded.length > 0) out.push({ role: "assistant", parts: joined(decoded) });
      continue;
    }
    for (const [at, part] of parts.entries()) {
      const where = `contents[${index}].parts[${at}]`;
      const response = part.functionResponse;
      const last = out.at(-1);
      if (response !== undefined) {
        const result = toolResult(response, pending, index, at);
        if (at > 0 && last?.role === "tool") last.parts.push(result);
        else out.push({ role: "tool", parts: [result] });
      } else {
        const decoded = userPart(part, where, leftovers);
        if (at > 0 && last?.role === "user") last.parts.push(decoded);
        else out.push({ role: "user", parts: [decoded] });
      }
    }
  }
  return out;
}

/** What a media part says beside its bytes has no canonical place. */
function media(part: WirePart, where: string, leftovers: Leftovers): MediaPart | undefined {
  const decoded = mediaOf(part);
  if (decoded === undefined) return undefined;
  for (const name of ["videoMetadata", "mediaResolution", "partMetadata"] as const)
    leftovers.field(`${where}.${name}`, part[name]);
  return decoded;
}

function mediaOf(part: Pick<WirePart, "inlineData" | "fileData">): MediaPart | undefined {
  const { inlineData, fileData } = part;
  if (inlineData !== undefined) {
    const mediaType = mediaTypeOf(inlineData.mimeType, inlineData.displayName) || "application/octet-stream";
    return mediaPart({ kind: "base64", mediaType, data: inlineData.data }, mediaType, inlineData.displayName);
  }
  if (fileData === undefined) return undefined;
  return mediaPart(fileSource(fileData.fileUri, fileData.mimeType), fileData.mimeType, fileData.displayName);
}

/**
 * Clients that streamed a reply replay it in the pieces in which it came; who made it in one piece wants to see it so
 * again (Claude's thinking is bound to what stands before it).
 */
function joined(parts: readonly AssistantPart[]): AssistantPart[] {
  const out: AssistantPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    const both = last?.type === "text" && part.type === "text" && !last.signature && !part.signature;
    if (both) out[out.length - 1] = { ...last, text: last.text + part.text };
    else out.push(part);
  }
  return out;
}

function userPart(part: WirePart, where: string, leftovers: Leftovers): UserPart {
  const bytes = media(part, where, leftovers);
  if (bytes !== undefined) return bytes;
  if (part.text !== undefined)
    return { type: "text", text: part.text, ...asSignature(part.thoughtSignature) };
  return providerTool(part) ?? { type: "provider", protocol: "gemini", raw: part };
}

function modelPart(
  part: WirePart,
  where: string,
  content: number,
  calls: Pending[],
  leftovers: Leftovers,
): AssistantPart {
  const signature = asSignature(part.thoughtSignature);
  if (part.functionCall !== undefined) {
    const { id, name, args } = part.functionCall;
    const callId = id || requestCallId(content, calls.length);
    calls.push({ callId, name, answered: false });
    return {
      type: "tool-call",
      callId,
      name,
      kind: "function",
      input: JSON.stringify(args ?? {}),
      ...signature,
    };
  }
  if (part.text !== undefined)
    return { type: part.thought === true ? "reasoning" : "text", text: part.text, ...signature };
  const bytes = part.thought === true ? undefined : media(part, where, leftovers);
  if (bytes?.type === "image") return { ...bytes, ...signature };
  if (bytes?.type === "audio") return bytes;
  return providerTool(part) ?? { type: "provider", protocol: "gemini", raw: part };
}

/** The call that a result answers: by id, else the first open one of that name, else the first open one. */
function answeredCall(response: WireFunctionResponse, pending: readonly Pending[]): Pending | undefined {
  const open = pending.filter((call) => !call.answered);
  if (response.id) {
    const same = open.find((call) => call.callId === response.id);
    if (same !== undefined) return same;
  }
  return open.find((call) => call.name === response.name) ?? (response.name ? undefined : open[0]);
}

function toolResult(
  response: WireFunctionResponse,
  pending: readonly Pending[],
  content: number,
  index: number,
): ToolResultPart {
  const call = answeredCall(response, pending);
  if (call !== undefined) call.answered = true;
  const name = response.name ?? call?.name;
  return {
    type: "tool-result",
    callId: call?.callId ?? (response.id || requestCallId(content, index)),
    ...(name === undefined ? {} : { name }),
    kind: "function",
    ...resultContent(response),
  };
}

/** `output` and `error` are the keys the API gives a meaning; anything else is the output as a whole. */
function resultContent(response: WireFunctionResponse): Pick<ToolResultPart, "content" | "isError"> {
  const value = fieldsOf(response.response);
  const keys = Object.keys(value);
  const only = keys.length === 1 ? keys[0] : undefined;
  const isError = only === "error";
  const told = only === "output" || isError ? value[only] : value;
  const text = typeof told === "string" ? told : keys.length === 0 ? "" : JSON.stringify(told);
  const content: ToolResultContent[] = text === "" ? [] : [{ type: "text", text }];
  for (const part of response.parts ?? []) {
    content.push(mediaOf(part) ?? { type: "provider", protocol: "gemini", raw: part });
  }
  return { content, ...(isError ? { isError: true } : {}) };
}
