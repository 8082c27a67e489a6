/** A provider that speaks OpenAI's chat, played by a real server; each key fares as the test says. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { startUpstream, type Upstream } from "../upstream.ts";

export type Mood = "well" | "refused" | "rate-limited" | "broken" | "slow" | "unpaid";

export interface Provider {
  readonly upstream: Upstream;
  /** To be an account's address for `openai-chat`. */
  readonly url: string;
  /** By key; a key that is not here is refused. */
  readonly moods: Map<string, Mood>;
  close(): Promise<void>;
}

export const MODELS = ["test-model", "test-model-mini"];

export async function startProvider(keys: Record<string, Mood>): Promise<Provider> {
  const moods = new Map(Object.entries(keys));
  const upstream = await startUpstream((received, response) => {
    answer(moods.get(keyOf(received.headers)) ?? "refused", received.body, response);
  });
  // The model list proves a key, so it is refused with one that nobody knows.
  upstream.refuse = (headers) =>
    moods.has(keyOf(headers))
      ? undefined
      : {
          error: {
            message: "Incorrect API key provided.",
            type: "invalid_request_error",
            code: "invalid_api_key",
          },
        };
  upstream.models = {
    object: "list",
    data: MODELS.map((id) => ({ id, object: "model", created: 1, owned_by: "test" })),
  };
  return { upstream, url: `${upstream.url}/v1`, moods, close: () => upstream.close() };
}

function keyOf(headers: IncomingMessage["headers"]): string {
  const shown =
    headers.authorization?.replace(/^Bearer /, "") ?? headers["api-key"] ?? headers["x-goog-api-key"];
  return String(shown ?? "");
}

function answer(mood: Mood, body: Buffer, response: ServerResponse): void {
  const fail = (status: number, message: string, code: string, headers = {}) =>
    void response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(JSON.stringify({ error: { message, type: "invalid_request_error", code } }));
  switch (mood) {
    case "refused":
      fail(401, "Incorrect API key provided.", "invalid_api_key");
      return;
    case "rate-limited":
      fail(429, "Rate limit reached for requests.", "rate_limit_exceeded", { "retry-after": "100" });
      return;
    case "unpaid":
      fail(402, "Insufficient Balance. Top up at https://platform.example.com/top_up.", "insufficient_quota");
      return;
    case "broken":
      fail(500, "The server had an error.", "server_error");
      return;
    case "slow":
      setTimeout(() => answer("well", body, response), 1500);
      return;
    case "well":
      chat(body, response);
  }
}

function chat(body: Buffer, response: ServerResponse): void {
  const { model = "test-model", stream = false } = JSON.parse(String(body) || "{}") as {
    model?: string;
    stream?: boolean;
  };
  const usage = { prompt_tokens: 1200, completion_tokens: 30, total_tokens: 1230 };
  if (!stream) {
    response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        id: "c1",
        object: "chat.completion",
        created: 1,
        model,
        choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
        usage,
      }),
    );
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = (delta: object, finish_reason: string | null = null) =>
    response.write(
      `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model, choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    );
  chunk({ role: "assistant", content: "Hello" });
  chunk({ content: " there" });
  chunk({}, "stop");
  response.write(
    `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model, choices: [], usage })}\n\n`,
  );
  response.end("data: [DONE]\n\n");
}
