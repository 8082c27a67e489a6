/** What a client of `generateContent` may rely on in replies and streams. */
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";

type Json = Record<string, unknown>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const REPLY = [
  "candidates",
  "promptFeedback",
  "usageMetadata",
  "modelVersion",
  "responseId",
  "createTime",
  "modelStatus",
];
const CANDIDATE = [
  "content",
  "finishReason",
  "finishMessage",
  "index",
  "groundingMetadata",
  "citationMetadata",
  "urlContextMetadata",
  "logprobsResult",
  "avgLogprobs",
  "safetyRatings",
  "tokenCount",
];
const DATA_FIELDS = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
];
const FINISH_REASONS = [
  "STOP",
  "MAX_TOKENS",
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MALFORMED_FUNCTION_CALL",
  "IMAGE_SAFETY",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "IMAGE_PROHIBITED_CONTENT",
  "NO_IMAGE",
  "IMAGE_RECITATION",
  "IMAGE_OTHER",
  "CONTINUATION",
  "MALFORMED_RESPONSE",
];
const STATUSES = [
  "INVALID_ARGUMENT",
  "FAILED_PRECONDITION",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "NOT_FOUND",
  "RESOURCE_EXHAUSTED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
];

function unknownNames(value: Json, known: readonly string[], where: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${where}: unknown name "${key}"`);
}

function checkPart(part: unknown, where: string): string[] {
  if (!isRecord(part)) return [`${where}: must be a Part`];
  const problems = unknownNames(part, [...DATA_FIELDS, "thought", "thoughtSignature"], where);
  const data = DATA_FIELDS.filter((field) => part[field] !== undefined);
  if (data.length !== 1) problems.push(`${where}: must have exactly one data field`);
  if (part.text !== undefined && typeof part.text !== "string")
    problems.push(`${where}.text: must be a string`);
  if (part.thoughtSignature !== undefined && typeof part.thoughtSignature !== "string")
    problems.push(`${where}.thoughtSignature: must be a string`);
  const call = part.functionCall;
  if (call !== undefined) {
    if (!isRecord(call)) return [...problems, `${where}.functionCall: must be an object`];
    problems.push(
      ...unknownNames(call, ["id", "name", "args", "partialArgs", "willContinue"], `${where}.functionCall`),
    );
    const piece =
      call.partialArgs !== undefined || call.willContinue !== undefined || Object.keys(call).length === 0;
    if (!piece && typeof call.name !== "string") problems.push(`${where}.functionCall.name: missing`);
    if (call.args !== undefined && !isRecord(call.args))
      problems.push(`${where}.functionCall.args: must be an object`);
  }
  const blob = part.inlineData;
  if (
    blob !== undefined &&
    !(isRecord(blob) && typeof blob.mimeType === "string" && typeof blob.data === "string")
  )
    problems.push(`${where}.inlineData: needs mimeType and data`);
  return problems;
}

function checkCandidate(candidate: unknown, where: string): string[] {
  if (!isRecord(candidate)) return [`${where}: must be a Candidate`];
  const problems = unknownNames(candidate, CANDIDATE, where);
  const content = candidate.content;
  if (content !== undefined) {
    if (!isRecord(content) || content.role !== "model" || !Array.isArray(content.parts))
      problems.push(`${where}.content: must have role model and parts`);
    else
      for (const [at, part] of content.parts.entries())
        problems.push(...checkPart(part, `${where}.parts[${at}]`));
  }
  if (candidate.finishReason !== undefined && !FINISH_REASONS.includes(String(candidate.finishReason)))
    problems.push(`${where}.finishReason: ${String(candidate.finishReason)} is none`);
  if (candidate.index !== undefined && !Number.isInteger(candidate.index))
    problems.push(`${where}.index: must be a whole number`);
  return problems;
}

function checkUsage(value: unknown): string[] {
  if (value === undefined) return [];
  if (!isRecord(value)) return ["usageMetadata: must be an object"];
  const count = (name: string) => (typeof value[name] === "number" ? (value[name] as number) : 0);
  if (value.promptTokenCount === undefined) return [];
  const parts = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount"];
  const sum = parts.reduce((total, name) => total + count(name), 0);
  const problems = count("totalTokenCount") === sum ? [] : ["usageMetadata: the total is not the sum"];
  if (count("cachedContentTokenCount") > count("promptTokenCount"))
    problems.push("usageMetadata: more cached tokens than prompt tokens");
  return problems;
}

function checkErrorBody(value: Json): string[] {
  const error = value.error;
  if (!isRecord(error)) return ["error: must be a google.rpc.Status"];
  const problems = unknownNames(error, ["code", "message", "status", "details"], "error");
  if (typeof error.code !== "number" || error.code < 400 || error.code > 599)
    problems.push("error.code: not an HTTP error");
  if (typeof error.message !== "string") problems.push("error.message: missing");
  if (!STATUSES.includes(String(error.status))) problems.push(`error.status: ${String(error.status)}`);
  for (const detail of Array.isArray(error.details) ? error.details : [])
    if (!isRecord(detail) || typeof detail["@type"] !== "string")
      problems.push("error.details: each needs an @type");
  return problems;
}

/** A whole reply, or one element of a stream. */
export function checkReply(body: unknown): string[] {
  if (!isRecord(body)) return ["must be an object"];
  const problems = unknownNames(body, REPLY, "reply");
  if (body.candidates !== undefined && !Array.isArray(body.candidates))
    return [...problems, "candidates: must be a list"];
  for (const [index, candidate] of (Array.isArray(body.candidates) ? body.candidates : []).entries())
    problems.push(...checkCandidate(candidate, `candidates[${index}]`));
  return [...problems, ...checkUsage(body.usageMetadata)];
}

/** A whole stream: every element, one finish per candidate and nothing after it, an error last. */
export function checkStream(events: readonly WireEvent[]): string[] {
  const problems: string[] = [];
  const finished = new Map<number, boolean>();
  let failed = false;
  let blocked = false;
  let id: unknown;
  for (const [at, { event, data }] of events.entries()) {
    const say = (what: string) => problems.push(`[${at}] ${what}`);
    if (event !== undefined) say("has an event name");
    if (failed) say("comes after an error");
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      say("is not JSON");
      continue;
    }
    if (isRecord(value) && value.error !== undefined) {
      failed = true;
      for (const problem of checkErrorBody(value)) say(problem);
      continue;
    }
    for (const problem of checkReply(value)) say(problem);
    if (!isRecord(value)) continue;
    id ??= value.responseId;
    if (value.responseId !== id) say("has another responseId");
    if (isRecord(value.promptFeedback) && value.promptFeedback.blockReason !== undefined) blocked = true;
    for (const candidate of Array.isArray(value.candidates) ? value.candidates : []) {
      if (!isRecord(candidate)) continue;
      const index = typeof candidate.index === "number" ? candidate.index : 0;
      if (finished.get(index)) say(`candidate ${index} goes on after its finish`);
      finished.set(index, candidate.finishReason !== undefined);
    }
  }
  if (failed) return problems;
  if (finished.size === 0 && !blocked) problems.push("no candidate at all");
  for (const [index, done] of finished) if (!done) problems.push(`candidate ${index} has no finishReason`);
  return problems;
}
