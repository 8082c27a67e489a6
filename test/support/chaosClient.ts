/** A client of each protocol, without an SDK: what it asks, and what it makes of a reply. */
import http from "node:http";
import { PROTOCOLS, type Protocol } from "../../src/control/protocol.ts";

export interface Heard {
  /** 0: the connection broke off before a reply. */
  readonly status: number;
  readonly body: string;
  /** The reply came to its end. */
  readonly complete: boolean;
  /** Milliseconds. */
  readonly took: number;
}

export function pathOf(protocol: Protocol, model: string, stream: boolean): string {
  switch (protocol) {
    case "openai-chat":
      return "/v1/chat/completions";
    case "openai-responses":
      return "/v1/responses";
    case "anthropic":
      return "/v1/messages";
    case "gemini":
      return `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
  }
}

export function bodyOf(protocol: Protocol, model: string, stream: boolean, text: string): object {
  switch (protocol) {
    case "openai-chat":
      return { model, stream, messages: [{ role: "user", content: text }] };
    case "openai-responses":
      return { model, stream, input: text };
    case "anthropic":
      return { model, stream, max_tokens: 100, messages: [{ role: "user", content: text }] };
    case "gemini":
      return { contents: [{ role: "user", parts: [{ text }] }] };
  }
}

/** On a connection of its own. Never rejects. */
export function ask(
  port: number,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Heard> {
  const began = performance.now();
  return new Promise((resolve) => {
    let status = 0;
    let text = "";
    const end = (complete: boolean) =>
      resolve({ status, body: text, complete, took: performance.now() - began });
    const req = http.request(
      {
        port,
        host: "127.0.0.1",
        path,
        method: "POST",
        agent: false,
        headers: { "content-type": "application/json", ...headers },
      },
      (res) => {
        status = res.statusCode ?? 0;
        res.setEncoding("utf8");
        res.on("data", (chunk: string) => {
          text += chunk;
        });
        res.on("close", () => end(res.complete));
      },
    );
    req.on("error", () => end(false));
    req.end(JSON.stringify(body));
  });
}

export type Understood =
  | { readonly kind: "answer"; readonly text: string }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "nonsense"; readonly why: string };

/** What a client of the protocol sees: an answer that came to its end, or an error in its shape. */
export function understand(
  protocol: Protocol,
  stream: boolean,
  { status, body, complete }: Heard,
): Understood {
  if (!complete) return { kind: "nonsense", why: `cut off after ${body.length} characters (${status})` };
  if (!stream || status !== 200) return whole(protocol, status, body);
  let text = "";
  let ended = false;
  for (const block of body.split(/\r?\n\r?\n/)) {
    const data = block
      .split(/\r?\n/)
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trim())
      .join("\n");
    if (data === "" || data === "[DONE]") continue;
    let event: Fields;
    try {
      event = fields(JSON.parse(data));
    } catch {
      return { kind: "nonsense", why: `an event that is no JSON: ${data.slice(0, 300)}` };
    }
    const message = errorIn(protocol, event);
    if (message !== undefined) return { kind: "error", message };
    text += textOf(protocol, event);
    ended ||= ends(protocol, event);
  }
  return ended ? { kind: "answer", text } : { kind: "nonsense", why: "the stream has no end" };
}

function whole(protocol: Protocol, status: number, body: string): Understood {
  let json: Fields;
  try {
    json = fields(JSON.parse(body));
  } catch {
    return { kind: "nonsense", why: `no JSON (${status}): ${body.slice(0, 80)}` };
  }
  if (status === 200) return { kind: "answer", text: JSON.stringify(json) };
  const message = errorIn(protocol, json);
  return message === undefined
    ? { kind: "nonsense", why: `no error of ${protocol} (${status}): ${body.slice(0, 200)}` }
    : { kind: "error", message };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The message of an error in the protocol's own shape, as its SDK reads it. */
function errorIn(protocol: Protocol, json: Fields): string | undefined {
  const error = fields(json["error"]);
  const said = error["message"];
  switch (protocol) {
    case "openai-chat":
      return typeof said === "string" ? said : undefined;
    case "openai-responses": {
      if (json["type"] === "error") return String(json["message"]);
      if (json["type"] === "response.failed") return "response.failed";
      return typeof said === "string" && json["type"] === undefined ? said : undefined;
    }
    case "anthropic":
      return json["type"] === "error" && typeof error["type"] === "string" && typeof said === "string"
        ? said
        : undefined;
    case "gemini":
      return typeof said === "string" &&
        typeof error["code"] === "number" &&
        typeof error["status"] === "string"
        ? said
        : undefined;
  }
}

function textOf(protocol: Protocol, event: Fields): string {
  const raw = JSON.stringify(event);
  switch (protocol) {
    case "openai-chat":
      return /"content":"((?:[^"\\]|\\.)*)"/.exec(raw)?.[1] ?? "";
    case "openai-responses":
      return event["type"] === "response.output_text.delta" ? String(event["delta"]) : "";
    case "anthropic":
      return event["type"] === "content_block_delta" ? (/"text":"([^"]*)"/.exec(raw)?.[1] ?? "") : "";
    case "gemini":
      return /"text":"([^"]*)"/.exec(raw)?.[1] ?? "";
  }
}

function ends(protocol: Protocol, event: Fields): boolean {
  const raw = JSON.stringify(event);
  switch (protocol) {
    case "openai-chat":
      return /"finish_reason":"/.test(raw);
    case "openai-responses":
      return event["type"] === "response.completed";
    case "anthropic":
      return event["type"] === "message_stop";
    case "gemini":
      return /"finishReason":"/.test(raw);
  }
}

export const ALL: readonly (readonly [Protocol, boolean])[] = PROTOCOLS.flatMap((protocol) => [
  [protocol, true] as const,
  [protocol, false] as const,
]);
