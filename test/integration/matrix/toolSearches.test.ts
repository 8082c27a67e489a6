/** A search for tools that the provider runs: what was asked and found reaches the client, and the next provider. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { misreadings, type Rig, startRig, warningsOf } from "../../support/matrix/rig.ts";
import { HELLO, type Scene } from "../../support/matrix/scene.ts";

type Item = Record<string, unknown>;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const SCHEMA = { type: "object", properties: { path: { type: "string" } } };
const FUNCTION = { type: "function", parameters: SCHEMA, strict: false, defer_loading: true };
const LATE = { ...FUNCTION, name: "late" };
/** What each client says, and the name that a function has at the others. */
const CLIENTS: Readonly<
  Partial<Record<Protocol, { name: string; tools: readonly Item[]; found: string }[]>>
> = {
  "openai-responses": [
    {
      name: "a function",
      tools: [{ type: "tool_search" }, LATE, { ...FUNCTION, name: "never" }],
      found: "late",
    },
    {
      name: "a function in a namespace",
      tools: [
        { type: "tool_search" },
        {
          type: "namespace",
          name: "drive",
          description: "Files",
          tools: [LATE, { ...FUNCTION, name: "never" }],
        },
      ],
      found: "drive__late",
    },
  ],
  anthropic: ["regex", "bm25"].map((kind) => ({
    name: kind,
    tools: [
      { type: `tool_search_tool_${kind}_20251119`, name: `tool_search_tool_${kind}` },
      { name: "late", input_schema: SCHEMA, defer_loading: true },
      { name: "never", input_schema: SCHEMA, defer_loading: true },
    ],
    found: "late",
  })),
};
const MODELS: Readonly<Record<Protocol, string>> = {
  "openai-chat": "gpt-4.1",
  "openai-responses": "gpt-5.6-sol",
  anthropic: "claude-opus-4-8",
  gemini: "gemini-2.5-flash",
};
const CALL = { id: "call_a1", args: { path: "a.txt" } };

const CASES = (["openai-responses", "anthropic"] as const).flatMap((client) =>
  (["openai-responses", "anthropic"] as const).flatMap((target) =>
    (CLIENTS[client] ?? [])
      // By passthrough, a client has what its own provider writes.
      .filter(({ name }) => client !== target || name === "a function" || name === "bm25")
      .map((one) => ({ client, target, ...one })),
  ),
);

describe.each([true, false])("stream: %s", (stream) => {
  it.each(CASES)("$name, asked for by a client of $client, found at $target", async (one) => {
    const { client, target, name, tools, found } = one;
    const scene: Scene = {
      ...HELLO,
      search: { query: "a late one", found: [found] },
      calls: [{ ...CALL, name: found }],
      finish: "tool-calls",
    };
    rig.scene = scene;
    const talk = rig.talk(client, `${target}/${MODELS[target]}`);
    const first = await talk.ask({ text: "hi" }, stream, { tools });
    expect(rig.refused).toEqual([]);
    expect(await warningsOf(rig)).toBe("");
    expect(first.text).toBe(HELLO.text);
    if (client !== target) expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
    const own = client === target ? found : "late";
    expect(first.calls).toEqual([{ ...CALL, name: own }]);
    if (client !== target) expect(blocksOf(client, first.raw)).toEqual(shown(client, target, name));

    // The same provider is told again, and its cached prompt stays as it was.
    const before = rig.sent.at(-1)?.body.tools;
    rig.scene = HELLO;
    const results = [{ id: CALL.id, name: own, content: [{ text: "done" }] }];
    await talk.ask({ results }, stream, { tools });
    expect(rig.refused).toEqual([]);
    expect(await warningsOf(rig)).toBe("");
    expect(rig.sent.at(-1)?.body.tools).toEqual(before);
    expect(told(target, rig.sent.at(-1)?.body)).toMatchObject(replayed(target, found));

    for (const other of PROTOCOLS) {
      talk.model = `${other}/${MODELS[other]}`;
      // Passthrough edits nothing, not even the ids of earlier replies.
      rig.lenient = client;
      await talk.ask({ text: "Go on" }, stream, { tools });
      expect(rig.refused).toEqual([]);
      const body = rig.sent.at(-1)?.body;
      if (other === "openai-responses" || other === "anthropic") {
        expect(told(other, body).map(({ type }) => type)).toEqual(
          replayed(other, found).map(({ type }) => type),
        );
        continue;
      }
      expect(JSON.stringify(body)).toContain("Loaded tools: late");
      expect(await warningsOf(rig)).toMatch(/found is shown as text|another provider ran|shown as text/);
    }
  });

  it("one that failed is told as such", async () => {
    const error = { type: "tool_search_tool_result_error", error_code: "unavailable" };
    const content = [
      { type: "server_tool_use", id: "srvtoolu_1", name: "tool_search_tool_bm25", input: { query: "late" } },
      { type: "tool_search_tool_result", tool_use_id: "srvtoolu_1", content: error },
      { type: "text", text: "Nothing." },
    ];
    const tools = [{ type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" }];
    const talk = await fetch(`${rig.portico.baseUrl}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({
        model: "openai-responses/gpt-5.6-sol",
        max_tokens: 100,
        stream,
        tools,
        messages: [
          { role: "user", content: "hi" },
          { role: "assistant", content },
          { role: "user", content: "Go on" },
        ],
      }),
    });
    expect(talk.status).toBe(200);
    await talk.text();
    expect(rig.refused).toEqual([]);
    expect(told("openai-responses", rig.sent.at(-1)?.body)).toMatchObject([
      { type: "tool_search_call", arguments: { query: "late" } },
      { type: "tool_search_output", status: "incomplete", tools: [] },
    ]);
  });
});

const isSearch = (item: Item) => /tool_search_(?:call|output|tool)|server_tool_use/.test(String(item.type));

/** What a reply holds of the search, without ids that are made up. */
function blocksOf(client: Protocol, raw: unknown): Item[] {
  const { output, content } = raw as { output?: Item[]; content?: Item[] };
  const items = (output ?? content ?? []).filter(isSearch);
  const [call, result] = items;
  if (client === "anthropic") {
    expect(call?.id).toMatch(/^srvtoolu_[A-Za-z0-9_]+$/);
    expect(result?.tool_use_id).toBe(call?.id);
  } else {
    expect(call?.id).toMatch(/^tsc_/);
    expect(result?.id).toMatch(/^tso_/);
  }
  return items.map(({ id: _id, tool_use_id: _use, ...rest }) => rest);
}

function shown(client: Protocol, target: Protocol, name: string): Item[] {
  const hosted = { status: "completed", call_id: null, execution: "server" };
  if (client === "openai-responses") {
    const tools = name.includes("namespace")
      ? [{ type: "namespace", name: "drive", description: "Files", tools: [LATE] }]
      : [LATE];
    return [
      { type: "tool_search_call", ...hosted, arguments: { query: "a late one" } },
      { type: "tool_search_output", ...hosted, tools },
    ];
  }
  const asked = target === "openai-responses" ? "late" : "a late one";
  const input = name === "regex" ? { pattern: asked } : { query: asked };
  return [
    { type: "server_tool_use", name: `tool_search_tool_${name}`, input },
    {
      type: "tool_search_tool_result",
      content: {
        type: "tool_search_tool_search_result",
        tool_references: [{ type: "tool_reference", tool_name: "late" }],
      },
    },
  ];
}

/** What a provider is told of the search. */
function told(target: Protocol, body: Item | undefined): Item[] {
  const { input, messages } = (body ?? {}) as { input?: Item[]; messages?: { content: Item[] | string }[] };
  if (target === "openai-responses") return (input ?? []).filter(isSearch);
  return (messages ?? [])
    .flatMap(({ content }) => (typeof content === "string" ? [] : content))
    .filter(isSearch);
}

function replayed(target: Protocol, found: string): Item[] {
  if (target === "openai-responses")
    return [
      { type: "tool_search_call", execution: "server" },
      { type: "tool_search_output", execution: "server", tools: [{}] },
    ];
  return [
    { type: "server_tool_use" },
    { type: "tool_search_tool_result", content: { tool_references: [{ tool_name: found }] } },
  ];
}
