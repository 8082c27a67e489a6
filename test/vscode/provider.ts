/** A provider on loopback that speaks OpenAI's protocol: one good key, streams of a chosen length. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const GOOD_KEY = "sk-test-0123456789abcdef";
export const REFUSAL = "Incorrect API key provided. You can find your key in the console.";

export interface ScriptedProvider {
  readonly base: string;
  close(): Promise<void>;
}

/** The model `slow` sends a chunk each 20 ms, 100 of them; `quick` sends three at once. */
export async function startProvider(): Promise<ScriptedProvider> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers.authorization !== `Bearer ${GOOD_KEY}`) {
    return json(response, 401, {
      error: { message: REFUSAL, type: "invalid_request_error", code: "invalid_api_key" },
    });
  }
  if (request.url === "/v1/models") {
    const data = ["quick", "slow"].map((id) => ({ id, object: "model", created: 1, owned_by: "test" }));
    return json(response, 200, { object: "list", data });
  }
  const body = JSON.parse(await text(request)) as { model: string };
  response.writeHead(200, { "content-type": "text/event-stream" });
  const words =
    body.model === "slow"
      ? Array.from({ length: 100 }, (_, index) => `${index} `)
      : ["Hello", " from", " afar"];
  for (const content of words) {
    const choices = [{ index: 0, delta: { content }, finish_reason: null }];
    const chunk = {
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: body.model,
      choices,
    };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if (body.model === "slow") await new Promise((resolve) => setTimeout(resolve, 20));
  }
  response.end("data: [DONE]\n\n");
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
