/** Tools that Google runs itself, as parts of a conversation: code execution and server-side calls. */
import { fieldsOf, isRecord, parseJson } from "../../common/json.ts";
import type { ProviderToolPart } from "../chat.ts";
import { type Json, textOf } from "./values.ts";

const FIELDS = ["executableCode", "codeExecutionResult", "toolCall", "toolResponse"] as const;

/** `GOOGLE_SEARCH_WEB` and its like by the names the other protocols know. */
const TOOL_NAMES = new Map([
  ["GOOGLE_SEARCH_WEB", "web_search"],
  ["URL_CONTEXT", "web_fetch"],
  ["FILE_SEARCH", "file_search"],
]);

const toolName = (type = "tool"): string => TOOL_NAMES.get(type) ?? type.toLowerCase();

/** The part, where it belongs to a tool that Google ran. `raw` is the whole wire part. */
export function providerTool(part: Json): ProviderToolPart | undefined {
  const field = FIELDS.find((name) => isRecord(part[name]));
  const value = field === undefined ? undefined : part[field];
  if (field === undefined || !isRecord(value)) return undefined;
  const base = { type: "provider-tool", protocol: "gemini", id: textOf(value.id) ?? "", raw: part } as const;
  switch (field) {
    case "executableCode":
      return {
        ...base,
        phase: "call",
        tool: "code_execution",
        input: JSON.stringify({ language: value.language, code: value.code }),
      };
    case "codeExecutionResult":
      return {
        ...base,
        phase: "result",
        tool: "code_execution",
        output: textOf(value.output) ?? "",
        ...(value.outcome === "OUTCOME_OK" || value.outcome === undefined ? {} : { isError: true }),
      };
    case "toolCall":
      return {
        ...base,
        phase: "call",
        tool: toolName(textOf(value.toolType)),
        ...(isRecord(value.args) ? { input: JSON.stringify(value.args) } : {}),
      };
    case "toolResponse":
      return {
        ...base,
        phase: "result",
        tool: toolName(textOf(value.toolType)),
        ...(isRecord(value.response) ? { output: JSON.stringify(value.response) } : {}),
      };
  }
}

/**
 * A tool item as wire parts: Gemini's own unchanged, another provider's code execution as Gemini
 * would show it. `undefined`: there is no such part.
 */
export function providerToolParts(part: ProviderToolPart): Json[] | undefined {
  if (part.protocol === "gemini") return isRecord(part.raw) ? [part.raw] : undefined;
  if (!/code_?(?:execution|interpreter)/.test(part.tool)) return undefined;
  const id = part.id === "" ? {} : { id: part.id };
  const out: Json[] = [];
  if (part.phase !== "result")
    out.push({ executableCode: { ...id, language: "PYTHON", code: codeOf(part.input ?? "") } });
  if (part.phase !== "call") {
    const outcome = part.isError ? "OUTCOME_FAILED" : "OUTCOME_OK";
    out.push({ codeExecutionResult: { ...id, outcome, output: part.output ?? "" } });
  }
  return out;
}

/** What is not JSON is the code itself. */
function codeOf(input: string): string {
  const { code, command } = fieldsOf(parseJson(input));
  return textOf(code) ?? textOf(command) ?? input;
}
