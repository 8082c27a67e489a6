/**
 * A provider that quotes all it was shown, wherever a reply has room for words: none of that is anywhere but in
 * the secret storage.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { leaksIn, leaksInFolder, seededSecret } from "../../support/secrets.ts";
import { openWindow, type TestWindow, upstream } from "./windows.ts";

const BASIC = `Basic ${Buffer.from(`me:${seededSecret("pass/word+")}`).toString("base64")}`;

/** What each account shows; all of it is marked. */
const CREDENTIALS = {
  key: { apiKey: seededSecret("sk-test") },
  header: { headers: { authorization: `Bearer ${seededSecret("token")}` } },
  basic: { headers: { authorization: BASIC, "x-tenant": seededSecret("tenant") } },
  both: { apiKey: seededSecret("sk-test"), headers: { "x-odd": `a "${seededSecret("b/c\\d")}"` } },
} as const;

type Where = "status" | "whole" | "first" | "midst" | "reply";
const STATUSES = [400, 401, 403, 404, 429] as const;

let said: { where: Where; status: number };
let dataDir: string;
let window: TestWindow;
let server: Server;
let base: string;

/** Everything it was shown but what says nothing, as it came and as it reads. */
function quoted({ headers }: IncomingMessage): string {
  const shown = Object.entries(headers).filter(
    ([name]) => !/^(?:host|content-|accept|connection)/.test(name),
  );
  const basic = /^Basic (.*)$/.exec(headers.authorization ?? "")?.[1];
  const plain = basic === undefined ? "" : Buffer.from(basic, "base64").toString();
  return `you sent ${shown.map(([name, value]) => `${name}: ${String(value)}`).join(", ")} ${plain}`;
}

function errorOf(url: string, message: string): unknown {
  if (url.startsWith("/anthropic")) return { type: "error", error: { type: "api_error", message } };
  if (url.startsWith("/gemini")) return { error: { code: 400, message, status: "INVALID_ARGUMENT" } };
  if (url.includes("/responses")) return { type: "error", code: "server_error", message, error: { message } };
  return { error: { message, type: "invalid_request_error" } };
}

/** A stream's first event, so that a second one can be an error. */
function beginning(url: string): unknown {
  if (url.startsWith("/anthropic")) {
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: "m1", type: "message", role: "assistant", model: "m", content: [], usage };
    return { type: "message_start", message };
  }
  if (url.startsWith("/gemini"))
    return { candidates: [{ content: { role: "model", parts: [{ text: "hi" }] } }] };
  if (url.includes("/responses")) {
    return { type: "response.created", response: { id: "r1", object: "response", model: "m", output: [] } };
  }
  return {
    id: "c1",
    object: "chat.completion.chunk",
    model: "m",
    choices: [{ index: 0, delta: { content: "hi" } }],
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? "";
  const words = quoted(request);
  const error = errorOf(url, words);
  const { where, status } = said;
  const echoed = {
    "x-echo": words.replace(/[^\x20-\x7e]/g, "?"),
    authorization: request.headers.authorization ?? "",
  };
  if (where === "first" || where === "midst") {
    response.writeHead(200, { "content-type": "text/event-stream", ...echoed });
    const type = (value: unknown) => {
      const name: unknown = Reflect.get(Object(value), "type");
      return typeof name === "string" ? `event: ${name}\n` : "";
    };
    const events = where === "first" ? [error] : [beginning(url), error];
    response.end(events.map((each) => `${type(each)}data: ${JSON.stringify(each)}\n\n`).join(""));
    return;
  }
  response.writeHead(where === "status" ? status : 200, {
    "content-type": "application/json",
    ...echoed,
  });
  response.end(JSON.stringify(where === "reply" ? { ...Object(beginning(url)), note: words } : error));
}

const provider: RequestListener = (request, response) => {
  request.resume().on("end", () => answer(request, response));
};

const ENDPOINTS = {
  "openai-chat": "/openai/v1",
  "openai-responses": "/openai/v1",
  anthropic: "/anthropic",
  gemini: "/gemini",
} as const;

beforeEach(async () => {
  dataDir = makeFolder("quoted");
  ({ base, server } = await upstream(provider));
  said = { where: "status", status: 401 };
  window = openWindow({ dataDir, settings: { port: 0, upstream: { maxAttempts: 1, retryDeadlineMs: 0 } } });
  await window.until(({ part }) => part.kind === "leading");
  await window.host.call("settings.update", { "records.bodies": true });
});
afterEach(async () => {
  await window.host.close();
  server.closeAllConnections();
  server.close();
  await removeFolder(dataDir);
});

const messages = [{ role: "user", content: "hi" }];
const CLIENTS = {
  "openai-chat": { path: () => "/v1/chat/completions", body: { messages } },
  "openai-responses": { path: () => "/v1/responses", body: { input: "hi" } },
  anthropic: { path: () => "/v1/messages", body: { messages, max_tokens: 10 } },
  gemini: {
    path: (stream: boolean, model: string) =>
      `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
  },
} as const;

/** Everything that comes back, as one text. */
async function ask(
  baseUrl: string,
  client: keyof typeof CLIENTS,
  model: string,
  stream: boolean,
): Promise<string> {
  const { path, body } = CLIENTS[client];
  const reply = await fetch(baseUrl + path(stream, model), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(client === "gemini" ? body : { model, stream, ...body }),
  });
  const headers = [...reply.headers].map((each) => each.join(": ")).join("\n");
  return `${reply.status}\n${headers}\n${await reply.text()}`;
}

it("what a provider quotes of keys and account headers is nowhere outside the secret storage", async () => {
  const call = window.host.call.bind(window.host);
  const found: string[] = [];
  const { proxy } = await call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error("it does not run");
  for (const [name, credentials] of Object.entries(CREDENTIALS)) {
    for (const [protocol, path] of Object.entries(ENDPOINTS)) {
      // One kind of credential meets every protocol, one protocol every kind.
      if (name !== "basic" && protocol !== "openai-chat") continue;
      const id = `${name}-${protocol}`;
      const account = {
        id,
        provider: "custom",
        endpoints: { [protocol]: base + path },
        models: [`m-${id}`],
        ...credentials,
      };
      said = { where: "status", status: 401 };
      found.push(...leaksIn(`check of ${id}`, JSON.stringify(await call("accounts.check", account))));
      found.push(...leaksIn(`adding ${id}`, JSON.stringify(await call("accounts.add", account))));
      for (const client of Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]) {
        const turns = [
          ...STATUSES.map((status) => ({ where: "status" as const, status })),
          ...(["whole", "first", "midst", "reply"] as const).map((where) => ({ where, status: 200 })),
        ];
        for (const turn of turns) {
          said = turn;
          const stream = turn.where === "first" || turn.where === "midst";
          const place = `${client} of ${id}: ${turn.where} ${turn.status}`;
          found.push(...leaksIn(place, await ask(proxy.baseUrl, client, `m-${id}`, stream)));
          await call("accounts.clear", { id });
        }
      }
      said = { where: "status", status: 403 };
      found.push(...leaksIn(`test of ${id}`, JSON.stringify(await call("accounts.test", { id }))));
      await ask(proxy.baseUrl, "openai-chat", `m-${id}`, false);
    }
  }
  expect(found).toEqual([]);

  const { rows } = await call("requests.list", { limit: 200 });
  const shown: [string, unknown][] = [
    ["the view", window.host.view],
    ["what pages hear", window.events],
    ["the log", window.lines],
    ["status", await call("status.get", undefined)],
    ["accounts", await call("accounts.list", undefined)],
    ["quotas", await call("accounts.quotas.refresh", undefined)],
    ["models", await call("models.list", undefined)],
    ["settings", await call("settings.get", undefined)],
    ["an export of accounts", await call("accounts.export", {})],
    ["an export of requests", await call("requests.export", { format: "jsonl", limit: 2000 })],
    ["the report", await call("diagnostics.get", undefined)],
    ["requests", rows],
  ];
  for (const { id } of rows) {
    shown.push(["a request", await call("requests.get", { id })]);
    shown.push(["a command", await call("requests.curl", { id }).catch((error: unknown) => String(error))]);
  }
  for (const [place, what] of shown) found.push(...leaksIn(place, JSON.stringify(what)));
  expect(rows.length).toBeGreaterThan(100);
  await window.host.close();
  found.push(...(await leaksInFolder(dataDir)), ...leaksIn("the log", window.lines.join("\n")));
  expect(found).toEqual([]);
  // The search finds them where they are.
  const kept = [...window.secrets].filter(([name]) => name.startsWith("account."));
  expect(kept).toHaveLength(7);
  expect(kept.filter(([, value]) => leaksIn("there", value).length === 0)).toEqual([]);
}, 120_000);
