/** What VS Code's chat asks, as the body of a request to `/v1/chat/completions`. */

/** A message as VS Code hands it over: parts are told apart by their fields, for their classes differ by version. */
export interface ChatMessage {
  /** 1 user, 2 assistant; 3 is the system's, which the enumeration of the API lacks. */
  readonly role: number;
  readonly content: readonly unknown[];
}

export interface ChatTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: object | undefined;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[];
  /** The model has to call one of them. */
  readonly toolRequired?: boolean;
  /** Of the model's own, as the person chose it in the menu. */
  readonly effort?: string;
  /** Those that an extension sends along; names that begin with `_` are VS Code's own. */
  readonly modelOptions?: Readonly<Record<string, unknown>>;
}

const ASSISTANT = 2;
const SYSTEM = 3;

/** Options of `/v1/chat/completions` that an extension may set. */
const OPTIONS = new Set([
  "frequency_penalty",
  "max_completion_tokens",
  "max_tokens",
  "presence_penalty",
  "response_format",
  "seed",
  "stop",
  "temperature",
  "top_p",
  "verbosity",
]);

type Json = Record<string, unknown>;

export function requestBody({
  model,
  messages,
  tools = [],
  toolRequired,
  effort,
  modelOptions,
}: ChatRequest): Json {
  const options = Object.entries(modelOptions ?? {}).filter(([name]) => OPTIONS.has(name));
  return {
    ...Object.fromEntries(options),
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: messages.flatMap(encoded),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(tools.length === 0
      ? {}
      : { tools: tools.map(encodedTool), tool_choice: toolRequired ? "required" : "auto" }),
  };
}

function encodedTool({ name, description = "", inputSchema }: ChatTool): Json {
  const parameters = inputSchema ?? { type: "object", properties: {} };
  return { type: "function", function: { name, description, parameters } };
}

function encoded({ role, content }: ChatMessage): Json[] {
  if (role === ASSISTANT) return assistant(content);
  if (role === SYSTEM) {
    const text = joined(content);
    return text === "" ? [] : [{ role: "system", content: text }];
  }
  const results = content.filter(isToolResult);
  // A tool's reply has room for text alone: what it shows comes behind the replies, as the user's.
  const shown = results.flatMap((result) => parts(result.content).filter(({ type }) => type !== "text"));
  const own = [...shown, ...parts(content)];
  return [
    ...results.map((result) => ({
      role: "tool",
      tool_call_id: result.callId,
      content: joined(result.content),
    })),
    ...(own.length === 0 ? [] : [{ role: "user", content: own }]),
  ];
}

function assistant(content: readonly unknown[]): Json[] {
  const text = joined(content);
  const calls = content.filter(isToolCall).map(({ callId, name, input }) => ({
    id: callId,
    type: "function",
    function: { name, arguments: JSON.stringify(input ?? {}) },
  }));
  if (text === "" && calls.length === 0) return [];
  return [
    {
      role: "assistant",
      content: text === "" ? null : text,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  ];
}

const joined = (content: readonly unknown[]): string => content.map((part) => textOf(part) ?? "").join("");

/** Text, images and documents; VS Code's own marks, and what no chat takes, are left out. */
function parts(content: readonly unknown[]): Json[] {
  return content.flatMap((part): Json[] => {
    const text = textOf(part);
    if (text !== undefined) return text === "" ? [] : [{ type: "text", text }];
    if (!isData(part)) return [];
    const url = () => `data:${part.mimeType};base64,${Buffer.from(part.data).toString("base64")}`;
    if (part.mimeType.startsWith("image/")) return [{ type: "image_url", image_url: { url: url() } }];
    if (part.mimeType !== "application/pdf") return [];
    return [{ type: "file", file: { filename: "document.pdf", file_data: url() } }];
  });
}

/** Of a part that is text: said by the model or a person, or data that says so. Not what a model thought. */
function textOf(part: unknown): string | undefined {
  if (typeof part === "string") return part;
  if (isData(part)) return isText(part.mimeType) ? Buffer.from(part.data).toString("utf8") : undefined;
  if (typeof part !== "object" || part === null || !("value" in part) || isThinking(part)) return undefined;
  const { value } = part;
  // A part of `@vscode/prompt-tsx` is a tree, which only its own extension can read.
  return typeof value === "string" ? value : JSON.stringify(value);
}

const isText = (mimeType: string): boolean =>
  mimeType.startsWith("text/") || /^application\/(?:[\w.-]+\+)?json$/.test(mimeType);

/** A text part has nothing but its value, and who may see it. */
const isThinking = (part: object): boolean => "id" in part || "metadata" in part;

function isData(part: unknown): part is { mimeType: string; data: Uint8Array } {
  return (
    typeof part === "object" &&
    part !== null &&
    "mimeType" in part &&
    typeof part.mimeType === "string" &&
    "data" in part &&
    part.data instanceof Uint8Array
  );
}

function isToolCall(part: unknown): part is { callId: string; name: string; input?: object } {
  return typeof part === "object" && part !== null && "callId" in part && "name" in part && "input" in part;
}

function isToolResult(part: unknown): part is { callId: string; content: unknown[] } {
  return (
    typeof part === "object" &&
    part !== null &&
    "callId" in part &&
    "content" in part &&
    Array.isArray(part.content)
  );
}
