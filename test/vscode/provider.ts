/** A provider on loopback that speaks OpenAI's protocol: keys, troubles, streams of a chosen length. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const GOOD_KEY = "sk-test-0123456789abcdef";
export const REFUSAL = "Incorrect API key provided. You can find your key in the console.";
export const USED_UP = "You have reached your daily usage limit. It resets in 5 hours.";
/** Seconds that a used-up account has to wait. */
const RESET_S = 5 * 60 * 60;

/** A real one would say so in each reply. */
const QUOTA = { "x-ratelimit-limit-requests": "50", "x-ratelimit-remaining-requests": "12" };

export class ScriptedProvider {
  /** Those that it takes. */
  readonly keys = new Set([GOOD_KEY]);
  /** Conversations are refused until the limit resets. */
  usedUp = false;
  /** Models that it was asked for with a good key, in order. */
  readonly asked: string[] = [];
  /** How many of them it answered well. */
  answered = 0;
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response).catch((error: unknown) => json(response, 599, String(error)));
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Also what its accounts are called. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get base(): string {
    return `http://${this.host}/v1`;
  }

  /** The model `slow` sends a chunk each 20 ms, 100 of them; `quick` sends three at once. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!this.keys.has(key)) {
      const error = { message: REFUSAL, type: "invalid_request_error", code: "invalid_api_key" };
      return json(response, 401, { error });
    }
    if (request.url === "/v1/models") {
      const data = ["quick", "slow"].map((id) => ({ id, object: "model", created: 1, owned_by: "test" }));
      return json(response, 200, { object: "list", data });
    }
    const { model } = JSON.parse(await text(request)) as { model: string };
    this.asked.push(model);
    if (this.usedUp) {
      response.setHeader("retry-after", RESET_S);
      return json(response, 429, { error: { message: USED_UP, code: "usage_limit_reached" } });
    }
    response.writeHead(200, { "content-type": "text/event-stream", ...QUOTA });
    const words =
      model === "slow" ? Array.from({ length: 100 }, (_, index) => `${index} `) : ["Hello", " from", " afar"];
    for (const content of words) {
      const choices = [{ index: 0, delta: { content }, finish_reason: null }];
      const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model, choices };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      if (model === "slow") await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.answered += 1;
    response.end("data: [DONE]\n\n");
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
