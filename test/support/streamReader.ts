/** What clients of all protocols read of streams that end in one way or another. */
import http from "node:http";
import { expect } from "vitest";
import type { Protocol } from "../../src/control/protocol.ts";
import { ASKED, type Client } from "./clients.ts";
import { RATE_LIMITS } from "./replies.ts";

export interface Read {
  readonly status: number;
  readonly text: string;
  /** Was the end of the body told? */
  readonly clean: boolean;
}

/** Asks for a stream. @param onText is called with what has come so far */
export function askFrom(
  port: number,
  client: Client,
  model: string,
  onText = (_text: string) => {},
  stream = true,
): Promise<Read> {
  const { path, body } = ASKED[client];
  const named = path.replace("/m:", `/${model}:`);
  const asked: Record<string, unknown> = "model" in body ? { ...body, model, stream } : { ...body };
  if (!stream) delete asked.stream_options;
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        port,
        host: "127.0.0.1",
        path: stream ? named : named.replace("streamGenerateContent?alt=sse", "generateContent"),
        method: "POST",
        headers: { "content-type": "application/json" },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (piece: string) => {
          text += piece;
          onText(text);
        });
        const read = () => resolve({ status: reply.statusCode ?? 0, text, clean: reply.complete });
        reply.on("error", () => {});
        reply.on("close", read);
      },
    );
    request.on("error", reject);
    request.end(JSON.stringify(asked));
  });
}

/** What a client reads as data, one event or element after the other. Throws where one is not whole. */
export function dataOf(client: Client, text: string): unknown[] {
  if (client === "gemini-array") return JSON.parse(text) as unknown[];
  expect(text).toMatch(/(?:\n\n|\r\n\r\n)$/);
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => (/\[DONE\]$/.test(line) ? "[DONE]" : JSON.parse(line.slice(5))));
}

/** The words of the error that a stream ends in. */
export function errorOf(client: Client, text: string): string | undefined {
  const last = Object(dataOf(client, text).at(-1)) as {
    type?: string;
    error?: { message: string };
    response?: { error?: { message: string } | null };
  };
  if (client === "openai-responses") return last.response?.error?.message;
  return last.error?.message;
}

const elementOf = (event: string) => event.replace(/^data: /, "").trim();

/** Events as they stand in a body. */
export function written(client: Client, events: readonly string[], from = 0): string {
  if (client !== "gemini-array") return events.join("");
  return events.map((event, at) => `${from + at === 0 ? "[" : ",\r\n"}${elementOf(event)}`).join("");
}

/** Events that a reply begins with, and the one that is torn. None says why the reply ends. */
export const CUT_AT: Readonly<Record<Protocol, number>> = {
  "openai-chat": 5,
  "openai-responses": 10,
  anthropic: 8,
  gemini: 1,
};

export const ERROR_EVENTS: Readonly<Record<Protocol, string>> = {
  "openai-chat": `data: ${JSON.stringify(RATE_LIMITS["openai-chat"])}\n\n`,
  "openai-responses": `event: response.failed\ndata: ${JSON.stringify({
    type: "response.failed",
    response: {
      id: "resp_abc",
      status: "failed",
      output: [],
      error: { code: "rate_limit_exceeded", message: "Rate limit reached" },
    },
  })}\n\n`,
  anthropic: `event: error\ndata: ${JSON.stringify(RATE_LIMITS.anthropic)}\n\n`,
  gemini: `data: ${JSON.stringify(RATE_LIMITS.gemini)}\n\n`,
};

/** Who asks whom: each provider in its own protocol and in another, each client in both ways. */
export const WAYS: readonly (readonly [Client, Protocol])[] = [
  ["openai-chat", "openai-chat"],
  ["openai-responses", "openai-responses"],
  ["anthropic", "anthropic"],
  ["gemini", "gemini"],
  ["gemini-array", "gemini"],
  ["openai-chat", "openai-responses"],
  ["openai-responses", "anthropic"],
  ["anthropic", "gemini"],
  ["gemini", "openai-chat"],
];
export const laneOf = (client: Client, protocol: Protocol) => (client.startsWith(protocol) ? "A" : "B");
