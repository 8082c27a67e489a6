/** Recorded provider streams and replies in `../shared/recordings`, where that folder is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Protocol } from "../../src/control/protocol.ts";
import type { WireEvent } from "../../src/gateway/protocols/codec.ts";

const ROOT = new URL("../../../shared/recordings/", import.meta.url);

export const hasRecordings = existsSync(ROOT);

export const FOLDERS: Readonly<Record<Protocol, string>> = {
  "openai-chat": "openaiChat",
  "openai-responses": "openaiResponses",
  anthropic: "anthropic",
  gemini: "gemini",
};

const LAST_EVENTS = /^(?:message_stop|response\.(?:completed|incomplete|failed))$/;

export interface Recording {
  readonly protocol: Protocol;
  readonly name: string;
  readonly kind: "stream" | "reply";
  /** One event a line, or the whole body. */
  readonly text: string;
}

export function recordings(protocol: Protocol): Recording[] {
  if (!hasRecordings) return [];
  const folder = new URL(`${FOLDERS[protocol]}/`, ROOT);
  return readdirSync(folder).map((name) => ({
    protocol,
    name,
    kind: name.endsWith(".chunks.txt") ? "stream" : "reply",
    text: readFileSync(new URL(name, folder), "utf8"),
  }));
}

/** The events of a recorded stream as the provider sent them. */
export function wireEvents({ protocol, text }: Recording): WireEvent[] {
  const lines = text.split("\n").filter((line) => line !== "");
  const events: WireEvent[] = lines.map((data) => {
    if (protocol !== "anthropic" && protocol !== "openai-responses") return { data };
    // Not every recorded line is valid JSON.
    const type = /"type":\s*"([^"]+)"/.exec(data)?.[1];
    return type === undefined ? { data } : { event: type, data };
  });
  if (protocol === "openai-chat") return [...events, { data: "[DONE]" }];
  // Some recordings hold several replies; what a provider sends ends with the first.
  const last = events.findIndex(({ event = "" }) => LAST_EVENTS.test(event));
  return last === -1 ? events : events.slice(0, last + 1);
}

/** The same as the bytes of an SSE stream. */
export function sseText(events: readonly WireEvent[]): string {
  return events
    .map(({ event, data }) => `${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`)
    .join("");
}
