/** Searches for tools by a provider: what belongs together stays so, and names come back whatever they are. */

import { describe, expect, it } from "vitest";
import { searchBlocks } from "../../../src/gateway/protocols/anthropic/toolSearch.ts";
import type { AssistantPart, ChatRequest, ProviderToolPart } from "../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { MOST_OPEN, SearchPairs } from "../../../src/gateway/protocols/openaiResponses/toolSearch.ts";
import { joinToolSearches } from "../../../src/gateway/protocols/toolSearch.ts";
import fc from "../../support/property.ts";

const part = (phase: "call" | "result", id: string, raw: object = { call_id: null }): ProviderToolPart => ({
  type: "provider-tool",
  protocol: "openai-responses",
  phase,
  tool: "tool_search",
  id,
  raw,
});

describe("OpenAI's items, which have no id in common", () => {
  it("a result is of the oldest search that has none", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (calls) => {
        const pairs = new SearchPairs();
        const open: string[] = [];
        for (const [index, isCall] of calls.entries()) {
          const { id } = pairs.pair(part(isCall ? "call" : "result", `i${index}`));
          if (isCall) open.push(id);
          if (open.length > MOST_OPEN) open.shift();
          expect(id).toBe(isCall ? `i${index}` : (open.shift() ?? `i${index}`));
        }
      }),
    );
  });

  it("or of the one with its own id", () => {
    const pairs = new SearchPairs();
    for (const id of ["a", "b"]) pairs.pair(part("call", id, { call_id: `c_${id}` }));
    expect(["b", "a", "a"].map((id) => pairs.pair(part("result", "r", { call_id: `c_${id}` })).id)).toEqual([
      "b",
      "a",
      "r",
    ]);
  });

  it("ever fewer than can be told apart are remembered", () => {
    const pairs = new SearchPairs();
    for (let i = 0; i < 10 * MOST_OPEN; i++) pairs.pair(part("call", `i${i}`));
    expect(pairs.pair(part("result", "r")).id).toBe(`i${9 * MOST_OPEN}`);
  });

  it("another tool's parts are left alone", () => {
    const other = { ...part("result", "x"), tool: "web_search" };
    const pairs = new SearchPairs();
    pairs.pair(part("call", "a"));
    expect(pairs.pair(other)).toBe(other);
    expect(pairs.pair({ type: "text" as const, text: "a" })).toEqual({ type: "text", text: "a" });
  });
});

describe("a search and what it found as one part", () => {
  const parts = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("text" as const), text: fc.string() }),
      fc
        .tuple(
          fc.constantFrom("call" as const, "result" as const),
          fc.constantFrom("a", "b", "c"),
          fc.constantFrom("anthropic" as const, "openai-responses" as const),
        )
        .map(([phase, id, protocol]): AssistantPart => ({ ...part(phase, id), protocol })),
    ),
    { maxLength: 12 },
  );
  it("leaves out nothing but the search that was joined, and nothing of its own protocol", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const joined = joinToolSearches<AssistantPart>(given, "anthropic");
        const own = (list: readonly AssistantPart[]) =>
          list.filter((one) => one.type === "text" || Reflect.get(one, "protocol") === "anthropic");
        expect(own(joined)).toEqual(own(given));
        const both = joined.filter((one) => Reflect.get(one, "phase") === "both").length;
        const results = (list: readonly AssistantPart[]) =>
          list.filter((one) => ["result", "both"].includes(String(Reflect.get(one, "phase")))).length;
        expect(results(joined)).toBe(results(given));
        expect(given.length - joined.length).toBeLessThanOrEqual(both);
      }),
    );
  });
});

describe("Anthropic's blocks", () => {
  const names = fc.array(fc.stringMatching(/^[A-Za-z_.$+()[\]-]{1,20}$/), { minLength: 1, maxLength: 4 });
  it("have ids that it takes, and a pattern that finds what was named", () => {
    fc.assert(
      fc.property(fc.string(), names, (id, paths) => {
        const search = { ...part("call", id), phase: "both" as const, input: JSON.stringify({ paths }) };
        const found = paths.map((name) => ({ name }));
        const [call, result] = searchBlocks(
          { ...search, found },
          "tool_search_tool_regex",
          ({ name }) => name,
        );
        expect(call?.id).toMatch(/^srvtoolu_[a-zA-Z0-9_]+$/);
        expect(result?.tool_use_id).toBe(call?.id);
        const pattern = Reflect.get(Object(call?.input), "pattern");
        for (const name of paths) expect(new RegExp(`^(?:${pattern})$`).test(name)).toBe(true);
        expect(searchBlocks(search, "tool_search_tool_bm25", () => undefined)[0]?.input).toEqual({
          query: paths.join(" "),
        });
      }),
    );
  });
});

describe("there and back", () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
  const tools = fc.uniqueArray(fc.record({ name, namespace: fc.option(name, { nil: undefined }) }), {
    minLength: 1,
    maxLength: 5,
    selector: ({ name, namespace }) => `${namespace ?? ""}/${name}`,
  });
  const quiet = () => undefined;
  const encode = (request: ChatRequest) =>
    CODECS.anthropic.encodeRequest(request, { provider: "anthropic", autoCache: false, warn: quiet });
  const decode = (input: unknown[], declared: unknown[]) =>
    CODECS["openai-responses"].decodeRequest(
      { model: "claude-opus-4-8", input, tools: declared },
      { model: "", stream: false },
    );

  it("Claude is told of the tools that it found, by the names that it knows", () => {
    fc.assert(
      fc.property(tools, fc.nat(), (given, pick) => {
        const declared = [
          { type: "tool_search" },
          ...given.map(({ name, namespace }) => {
            const tool = { type: "function", name, parameters: { type: "object" }, defer_loading: true };
            return namespace === undefined
              ? tool
              : { type: "namespace", name: namespace, description: "d", tools: [tool] };
          }),
        ];
        const request = decode([{ role: "user", content: "hi" }], declared);
        const flat = (encode(request).tools as { name: string }[]).slice(1).map(({ name }) => name);
        const tool_name = flat[pick % flat.length] ?? "";
        const id = "srvtoolu_1";
        const reply = CODECS.anthropic.decodeReply(
          {
            content: [
              { type: "server_tool_use", id, name: "tool_search_tool_bm25", input: { query: "q" } },
              {
                type: "tool_search_tool_result",
                tool_use_id: id,
                content: {
                  type: "tool_search_tool_search_result",
                  tool_references: [{ type: "tool_reference", tool_name }],
                },
              },
            ],
            stop_reason: "end_turn",
          },
          { request },
        );
        let count = 0;
        const response = CODECS["openai-responses"].encodeReply(reply, {
          model: "m",
          now: 0,
          newId: () => String(count++).padStart(24, "a"),
          request,
          framing: "sse",
          warn: () => expect.fail("nothing is lost"),
        }) as { output: { tools?: unknown[] }[] };
        expect(response.output).toHaveLength(2);
        expect(response.output[1]?.tools).toHaveLength(1);
        const again = encode(decode([{ role: "user", content: "hi" }, ...response.output], declared));
        expect((again.tools as unknown[]).length).toBe(declared.length);
        const [, assistant] = again.messages as { content: { content?: unknown; input?: unknown }[] }[];
        expect(assistant?.content[0]).toMatchObject({ type: "server_tool_use", input: { query: "q" } });
        expect(assistant?.content[1]).toMatchObject({
          content: { tool_references: [{ type: "tool_reference", tool_name }] },
        });
      }),
    );
  });
});
