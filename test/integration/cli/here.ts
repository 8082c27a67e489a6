/** Commands run in this process, as `cli.ts` would run them, and a server whose key they add. */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { run } from "../../../src/cli/run.ts";
import { screenOn } from "../../../src/cli/screen.ts";
import { completion } from "./program.ts";

export const KEY = "sk-test-steering-0123456789";

export interface Ran {
  code: number | null | undefined;
  out: string;
  err: string;
}

export async function runHere(args: readonly string[], env: NodeJS.ProcessEnv, input = ""): Promise<Ran> {
  const said = { out: "", err: "" };
  const code = await run(args, {
    out: screenOn({ write: (text) => (said.out += text) }, {}),
    err: screenOn({ write: (text) => (said.err += text) }, {}),
    stdin: Readable.from([input]) as unknown as NodeJS.ReadStream,
    env,
  });
  return { code, ...said };
}

/** A server of one's own that wants `KEY`. */
export async function server() {
  const keys: (string | undefined)[] = [];
  const http = createServer((request, reply) => {
    request.resume();
    keys.push(request.headers.authorization);
    reply.setHeader("content-type", "application/json");
    if (request.headers.authorization !== `Bearer ${KEY}`) {
      reply.statusCode = 401;
      reply.end('{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}');
    } else if (request.url?.endsWith("/models")) {
      reply.end('{"object":"list","data":[{"id":"m-1","object":"model"},{"id":"m-2","object":"model"}]}');
    } else reply.end(completion("hello"));
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    keys,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

/** The command line that adds it as `mine`. */
export const add = (url: string, ...more: string[]) =>
  ["accounts", "add", "custom", "--base-url", `openai-chat=${url}`, "--id", "mine", ...more] as const;
