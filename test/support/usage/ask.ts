/** Requests in each protocol's plainest form, and replies of scripted providers with and without usage. */
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { Wire } from "../matrix/scene.ts";
import type { Script } from "../upstream.ts";

export interface Asked {
  readonly status: number;
  readonly bytes: Buffer;
  /** Id of its record. */
  readonly id: string;
}

/** Path and body of a request that says "hi". */
export function requestOf(client: Protocol, model: string, stream: boolean): { path: string; body: string } {
  const messages = [{ role: "user", content: "hi" }];
  switch (client) {
    case "openai-chat": {
      const usage = stream ? { stream_options: { include_usage: true } } : {};
      return { path: "/v1/chat/completions", body: JSON.stringify({ model, messages, stream, ...usage }) };
    }
    case "openai-responses":
      return { path: "/v1/responses", body: JSON.stringify({ model, input: "hi", stream }) };
    case "anthropic":
      return { path: "/v1/messages", body: JSON.stringify({ model, messages, stream, max_tokens: 100 }) };
    case "gemini":
      return {
        path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
      };
  }
}

/** Asks and reads the whole reply. */
export async function ask(base: string, client: Protocol, model: string, stream: boolean): Promise<Asked> {
  const { path, body } = requestOf(client, model, stream);
  const headers = { "content-type": "application/json" };
  const reply = await fetch(base + path, { method: "POST", headers, body });
  const bytes = Buffer.from(await reply.arrayBuffer());
  return { status: reply.status, bytes, id: reply.headers.get("x-request-id") ?? "" };
}

/** Every client at every provider, streaming and not; those of one protocol are passed through. */
export const WAYS = PROTOCOLS.flatMap((provider) =>
  PROTOCOLS.flatMap((client) => [true, false].map((stream) => ({ client, provider, stream }))),
);

const KEYS = ["usage", "usageMetadata"];

/** Counts in place of those of a reply, before all else that stands beside them; `undefined`: none. */
export function recounted(value: unknown, counts: object | undefined): unknown {
  if (Array.isArray(value)) return value.map((each) => recounted(each, counts));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, each] as const);
  const told = entries.filter(([key, each]) => KEYS.includes(key) && each !== null);
  const others = entries.filter((entry) => !told.includes(entry));
  return Object.fromEntries([
    ...(counts === undefined ? [] : told.map(([key]) => [key, counts])),
    ...others.map(([key, each]) => [key, recounted(each, counts)]),
  ]);
}

export function recountedWire({ events, whole }: Wire, counts: object | undefined): Wire {
  return {
    whole: recounted(whole, counts),
    events: events.map(({ data, ...rest }) => ({
      ...rest,
      data: data === "[DONE]" ? data : JSON.stringify(recounted(JSON.parse(data), counts)),
    })),
  };
}

/** Answers every request, a stream where one is asked for. */
export function answering({ events, whole }: Wire): Script {
  return ({ body, url }, res) => {
    if (url.includes(":stream") || /"stream":\s*true/.test(body.toString())) {
      res.writeHead(200, { "content-type": "text/event-stream" });
      for (const { event, data } of events) {
        res.write(`${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`);
      }
      res.end();
    } else {
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(whole));
    }
  };
}
