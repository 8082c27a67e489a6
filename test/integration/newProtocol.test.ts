/**
 * What a stranger does: adds a protocol (one folder, and the lines that the compiler asks for) and a provider (one
 * row) to a copy of the sources, builds it, and serves both.
 */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RequestRow } from "../../src/control/requests.ts";
import { makeFolder, removeFolder } from "../support/folder.ts";
import { sendJson, startUpstream, type Upstream } from "../support/upstream.ts";
import { type Program, root, start } from "./cli/program.ts";

/** It builds and checks all of the gateway, on a machine that may be busy. */
vi.setConfig({ hookTimeout: 300_000 });

const KEY = "acme-key-SEEDED-1234567890";
let copy = "";
let station: Upstream;
let acme: Upstream;
let program: Program;
let base = "";

const REPLY = `{ "telegram": "t1", "station": "kiel",  "words": "All well. Stop.", "stop": "end", "counts": {"in": 7, "out": 4} }\n`;
const STREAM = [
  `data: {"words": "All "}\n\n: a comment\n\n`,
  `data: {"words":"well."}\n\n`,
  `data: {"stop":"full","counts":{"in":7,"out":4}}\n\n`,
];
const TELEGRAM = {
  to: { station: "kiel" },
  lines: [
    { by: "office", words: "Be short." },
    { by: "sender", words: "How are you?" },
  ],
};

/** A line behind the last one of the text that is like `before`; the file must have it. */
function insert(path: string, before: RegExp, line: string): void {
  const file = join(copy, "src", path);
  const text = readFileSync(file, "utf8");
  const found = before.exec(text);
  if (found === null) throw new Error(`${path} has nothing like ${before}`);
  const at = found.index + found[0].length;
  writeFileSync(file, `${text.slice(0, at)}${line}\n${text.slice(at)}`);
}

function run(...args: string[]): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, maxBuffer: 10_000_000 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, text: `${stdout}${stderr}` }),
    );
  });
}
const check = () => run(join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.copy.json");

/** Files of which the compiler complains. */
const complaints = (text: string): string[] =>
  [...new Set(Array.from(text.matchAll(/^(\S+?)\(\d+,\d+\): error/gm), ([, file = ""]) => file))].sort();

function addFolder(): void {
  const from = join(root, "test/support/telegraph");
  const to = join(copy, "src/gateway/protocols/telegraph");
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const text = readFileSync(join(from, name), "utf8")
      .replaceAll("../../../src/gateway/protocols/", "../")
      .replaceAll("../../../src/gateway/", "../../")
      .replaceAll("../../../src/", "../../../");
    writeFileSync(join(to, name), text);
  }
}

/** What the compiler says at each step. */
const said: { fact: string[]; tables: string } = { fact: [], tables: "not checked" };

beforeAll(async () => {
  copy = makeFolder("new-protocol");
  for (const name of [
    "src",
    "scripts",
    "package.json",
    "tsconfig.json",
    "esbuild.mjs",
    "LICENSE",
    "media",
    "l10n",
  ]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  writeFileSync(
    join(copy, "tsconfig.copy.json"),
    JSON.stringify({
      extends: "./tsconfig.json",
      compilerOptions: { tsBuildInfoFile: "./tsc.tsbuildinfo" },
      include: ["src"],
      exclude: ["src/webviews"],
    }),
  );
  station = await startUpstream((received, res) => {
    if (received.method === "GET") return sendJson(res, 200, { stations: ["kiel"] });
    const { stream } = JSON.parse(received.body.toString()) as { stream?: boolean };
    res.writeHead(200, { "content-type": stream === true ? "text/event-stream" : "application/json" });
    if (stream === true) for (const piece of STREAM) res.write(piece);
    res.end(stream === true ? undefined : REPLY);
  });
  acme = await startUpstream((received, res) => {
    const { stream } = JSON.parse(received.body.toString()) as { stream?: boolean };
    const common = { id: "c1", created: 1, model: "acme-1" };
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
    if (stream !== true) {
      const message = { role: "assistant", content: "Roger." };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      return sendJson(res, 200, { ...common, object: "chat.completion", choices, usage });
    }
    const chunk = (delta: object, finish: string | null, more = {}) =>
      res.write(
        `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`,
      );
    res.writeHead(200, { "content-type": "text/event-stream" });
    chunk({ role: "assistant", content: "Rog" }, null);
    chunk({ content: "er." }, null);
    chunk({}, "stop", { usage });
    res.end("data: [DONE]\n\n");
  });
  acme.models = { object: "list", data: [{ id: "acme-1", object: "model" }] };

  // The protocol: five lines, of which the compiler asks for all but the first.
  addFolder();
  insert(
    "control/protocol.ts",
    /PROTOCOL_FACTS = \{\n[\s\S]*?\n(?=\} as const)/,
    '  telegraph: { label: "Telegraph", short: "Telegraph", hint: "…/v1/telegrams", versionInBase: true },',
  );
  said.fact = complaints((await check()).text);
  for (const [table, name] of [
    ["codecs", "codec"],
    ["wires", "wire"],
  ] as const) {
    const file = name === "codec" ? "index" : "wire";
    insert(
      `gateway/protocols/${table}.ts`,
      /^(?:import .*\n)+/m,
      `import { ${name} as telegraph } from "./telegraph/${file}.ts";`,
    );
    insert(`gateway/protocols/${table}.ts`, /\n {2}gemini,\n/, "  telegraph,");
  }
  // The provider: one row.
  insert(
    "gateway/providers/table.ts",
    /export const TABLE = \{\n/,
    `  acme: { label: "Acme", endpoints: { "openai-chat": endpoint("openai-chat", "${acme.url}/v1") }, keyRequired: true, modelList: "openai-chat", families: ["acme-*"], keyPage: "https://acme.example/keys", extras: [] },`,
  );
  const [checked, built] = await Promise.all([check(), run("esbuild.mjs", "--quiet")]);
  said.tables = checked.text;
  if (!built.ok) throw new Error(built.text);

  const config = join(copy, "portico.jsonc");
  writeFileSync(
    config,
    JSON.stringify({
      accounts: [
        { id: "wire", provider: "custom", endpoints: { telegraph: `${station.url}/v1` } },
        { id: "acme", provider: "acme", credentials: { apiKey: KEY } },
      ],
    }),
  );
  program = start(
    ["serve", "--port", "0", "--data-dir", join(copy, "data"), "--config", config],
    {},
    join(copy, "dist/cli.js"),
  );
  base = await program.ready();
});

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  await station?.close();
  await acme?.close();
  rmSync(join(copy, "node_modules"), { force: true });
  await removeFolder(copy);
});

const telegram = (body: object, headers = {}) =>
  fetch(`${base}/v1/telegrams`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const client = () => new OpenAI({ apiKey: "none", baseURL: `${base}/v1`, maxRetries: 0 });
const messages = [
  { role: "system" as const, content: "Be short." },
  { role: "user" as const, content: "How are you?" },
];

it("needs one folder, one line of facts, and the lines that the compiler asks for", () => {
  expect(said.fact).toEqual(["src/gateway/protocols/codecs.ts", "src/gateway/protocols/wires.ts"]);
  expect(said.tables).toBe("");
});

describe("a new protocol", () => {
  it("goes through untouched", async () => {
    const reply = await telegram(TELEGRAM);
    expect(await reply.text()).toBe(REPLY);
    expect(reply.headers.get("x-portico-warnings")).toBeNull();
    expect(station.received.at(-1)?.url).toBe("/v1/telegrams");
    expect(station.received.at(-1)?.body.toString()).toBe(JSON.stringify(TELEGRAM));
    expect(await (await telegram({ ...TELEGRAM, stream: true })).text()).toBe(STREAM.join(""));
  });

  it("is asked by clients of chat completions", async () => {
    const whole = await client().chat.completions.create({ model: "kiel", messages, max_tokens: 20 });
    expect(whole.choices[0]?.message.content).toBe("All well. Stop.");
    expect(whole.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 4 });
    expect(JSON.parse(station.received.at(-1)?.body.toString() ?? "")).toEqual({ ...TELEGRAM, most: 20 });
    let text = "";
    let finish: string | null | undefined;
    for await (const chunk of await client().chat.completions.create({
      model: "kiel",
      messages,
      stream: true,
    })) {
      text += chunk.choices[0]?.delta.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    expect({ text, finish }).toEqual({ text: "All well.", finish: "length" });
  });

  it("has clients that ask providers of chat completions", async () => {
    const reply = await telegram({ ...TELEGRAM, to: { station: "acme-1" } });
    expect(await reply.json()).toMatchObject({
      station: "acme-1",
      words: "Roger.",
      stop: "end",
      counts: { in: 9, out: 2 },
    });
    expect(JSON.parse(acme.received.at(-1)?.body.toString() ?? "")).toMatchObject({
      model: "acme-1",
      messages,
    });
    const stream = await telegram({ ...TELEGRAM, to: { station: "acme-1" }, stream: true });
    expect(await stream.text()).toBe(
      `data: {"words":"Rog"}\n\ndata: {"words":"er."}\n\ndata: {"stop":"end","counts":{"in":9,"out":2}}\n\n`,
    );
  });

  it("has its own errors and lists", async () => {
    const missing = await telegram({ lines: [] });
    expect(missing.status).toBe(400);
    expect(await missing.json()).toMatchObject({
      fault: { words: expect.stringContaining('"to.station" is missing') },
    });
    const unknown = await telegram({ ...TELEGRAM, to: { station: "nowhere" } });
    expect(await unknown.json()).toMatchObject({ fault: { kind: "model_not_found" } });
    const list = await fetch(`${base}/telegraph/v1/models`);
    expect(await list.json()).toEqual({ stations: expect.arrayContaining(["kiel", "acme-1"]) });
    expect(await (await fetch(`${base}/v1/models/kiel`, { headers: { "x-telegraph": "1" } })).json()).toEqual(
      { station: "kiel" },
    );
  });

  it("is recorded with its tokens, whichever way it went", async () => {
    await using logs = start(
      ["logs", "--json", "--data-dir", join(copy, "data")],
      {},
      join(copy, "dist/cli.js"),
    );
    expect(await logs.ended).toEqual({ code: 0, signal: null });
    const rows = logs
      .stdout()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as RequestRow);
    const told = rows.filter(
      ({ protocol, tokens }) => (protocol as string) === "telegraph" && tokens !== undefined,
    );
    expect(told.map(({ lane }) => lane).sort()).toEqual(["A", "A", "B", "B"]);
    for (const { lane, tokens } of told) {
      expect(tokens).toMatchObject(lane === "A" ? { input: 7, output: 4 } : { input: 9, output: 2 });
    }
  });
});

it("a new provider is one row", async () => {
  const reply = await client().chat.completions.create({ model: "acme/acme-1", messages });
  expect(reply.choices[0]?.message.content).toBe("Roger.");
  expect(acme.received.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
});
