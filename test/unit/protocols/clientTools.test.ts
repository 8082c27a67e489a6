import { describe, expect, it } from "vitest";
import type { ChatEvent, Tool } from "../../../src/gateway/protocols/chat.ts";
import {
  callAsFunction,
  callFromFunction,
  callRestorer,
  choiceAsFunctions,
  flatName,
  restoreCall,
  toolNames,
  toolsAsFunctions,
} from "../../../src/gateway/protocols/clientTools.ts";
import {
  customInputStream,
  unwrapCustomInput,
  wrapCustomInput,
} from "../../../src/gateway/protocols/customInput.ts";
import fc from "../../support/property.ts";

const responses = "openai-responses";
const TOOLS: Tool[] = [
  { type: "function", name: "read", parameters: { type: "object" } },
  {
    type: "custom",
    name: "apply_patch",
    description: "Patches.",
    format: { type: "grammar", syntax: "lark", definition: 'start: "x"' },
  },
  {
    type: "function",
    name: "search",
    namespace: "mcp__github",
    namespaceDescription: "GitHub",
    description: "Finds.",
  },
  { type: "function", name: "fetch", namespace: "mcp__github", namespaceDescription: "GitHub" },
  {
    type: "client",
    kind: "local_shell",
    name: "local_shell",
    protocol: responses,
    raw: { type: "local_shell" },
  },
  {
    type: "client",
    kind: "apply_patch",
    name: "apply_patch",
    protocol: responses,
    raw: { type: "apply_patch" },
  },
  {
    type: "provider",
    kind: "web_search",
    name: "web_search",
    protocol: responses,
    raw: { type: "web_search" },
  },
];

describe("toolsAsFunctions", () => {
  const warnings: string[] = [];
  const { tools, names } = toolsAsFunctions(TOOLS, (feature) => warnings.push(feature));

  it("declares each tool once, as a function with a valid name, in order", () => {
    expect(tools.map((tool) => `${tool.type}:${tool.name}`)).toEqual([
      "function:read",
      "function:apply_patch",
      "function:mcp__github__search",
      "function:mcp__github__fetch",
      "function:local_shell",
      expect.stringMatching(/^function:apply_patch_[0-9a-f]{8}$/),
      "provider:web_search",
    ]);
    expect(new Set(tools.map((tool) => tool.name)).size).toBe(tools.length);
  });

  it("tells the model of a grammar, and the client that it is not enforced", () => {
    const patch = tools[1];
    expect(patch).toMatchObject({ parameters: { required: ["input"] } });
    expect(patch?.type === "function" ? patch.description : "").toContain('start: "x"');
    expect(warnings).toContain("tools.apply_patch.format");
  });

  it("describes a namespace once", () => {
    const described = tools.filter(
      (tool) => tool.type === "function" && tool.description?.includes("GitHub"),
    );
    expect(described).toHaveLength(1);
    expect(tools[2]).not.toHaveProperty("namespace");
  });

  it("finds the way back of every function", () => {
    expect(names.origin("mcp__github__search")).toEqual({
      name: "search",
      namespace: "mcp__github",
      kind: "function",
    });
    expect(names.origin("local_shell")).toEqual({
      name: "local_shell",
      kind: "function",
      clientTool: "local_shell",
    });
    expect(names.origin("apply_patch")).toEqual({ name: "apply_patch", kind: "custom" });
    expect(names.origin(tools[5]?.name ?? "")).toMatchObject({ clientTool: "apply_patch" });
    expect(names.origin("made_up")).toEqual({ name: "made_up", kind: "function" });
  });

  it("keeps what the target has itself", () => {
    const kept = toolsAsFunctions(
      TOOLS,
      () => undefined,
      (tool) => tool.type === "custom",
    );
    expect(kept.tools[1]).toBe(TOOLS[1]);
  });

  it("drops a second declaration with a warning", () => {
    const seen: string[] = [];
    const first: Tool = { type: "function", name: "a" };
    expect(toolsAsFunctions([first, { ...first }], (feature) => seen.push(feature)).tools).toHaveLength(1);
    expect(seen).toEqual(["tools.a"]);
  });

  it("has a schema for every client-run tool", () => {
    const kinds = [
      "local_shell",
      "shell",
      "apply_patch",
      "bash",
      "text_editor",
      "computer",
      "memory",
      "tool_search",
    ] as const;
    const out = toolsAsFunctions(
      kinds.map((kind): Tool => ({ type: "client", kind, name: kind, protocol: "anthropic", raw: {} })),
      () => undefined,
    );
    for (const tool of out.tools)
      expect(tool).toMatchObject({ type: "function", parameters: { type: "object" } });
  });

  it("shows the size of the screen and the client's own search parameters", () => {
    const { tools: out } = toolsAsFunctions(
      [
        {
          type: "client",
          kind: "computer",
          name: "computer",
          protocol: "anthropic",
          raw: { type: "computer_20250124", display_width_px: 1024, display_height_px: 768 },
        },
        {
          type: "client",
          kind: "tool_search",
          name: "tool_search",
          protocol: responses,
          raw: {
            description: "Search.",
            parameters: { type: "object", properties: { goal: { type: "string" } } },
          },
        },
      ],
      () => undefined,
    );
    expect(out[0]).toMatchObject({ description: expect.stringContaining("1024 x 768") });
    expect(out[0]).toMatchObject({ parameters: { required: ["action"] } });
    expect(out[1]).toMatchObject({ description: "Search.", parameters: { properties: { goal: {} } } });
  });
});

describe("names", () => {
  it("makes any name valid, and leaves a valid one alone", () => {
    expect(flatName("read_file")).toBe("read_file");
    expect(flatName("1st tool")).toBe("_1st_tool");
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (name, namespace) => {
        expect(flatName(name || "x", namespace)).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
        expect(flatName(name, namespace)).toBe(flatName(name, namespace));
      }),
    );
  });

  it("never gives two tools one name, and finds each again", () => {
    const tool = fc.record({
      type: fc.constantFrom("function" as const, "custom" as const),
      name: fc.constantFrom("a", "a_b", "a b", "b", "n__a", `${"l".repeat(64)}`, `${"l".repeat(64)}!`),
      namespace: fc.constantFrom("n", "n__", "m m", "x".repeat(60)),
    });
    fc.assert(
      fc.property(fc.array(tool, { maxLength: 20 }), (tools) => {
        const out = toolsAsFunctions(tools, () => undefined);
        expect(new Set(out.tools.map((entry) => entry.name)).size).toBe(out.tools.length);
        for (const entry of out.tools) expect(entry.name).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
        const again = toolNames(tools);
        for (const entry of out.tools) expect(again.origin(entry.name)).toEqual(out.names.origin(entry.name));
      }),
    );
  });

  it("maps a tool choice", () => {
    const { names } = toolsAsFunctions(TOOLS, () => undefined);
    expect(choiceAsFunctions({ type: "tool", name: "search" }, names)).toEqual({
      type: "tool",
      name: "mcp__github__search",
    });
    expect(choiceAsFunctions({ type: "allowed", mode: "auto", names: ["fetch"] }, names)).toEqual({
      type: "allowed",
      mode: "auto",
      names: ["mcp__github__fetch"],
    });
    expect(choiceAsFunctions({ type: "auto" }, names)).toEqual({ type: "auto" });
  });
});

describe("calls", () => {
  const names = toolNames(TOOLS);

  it("go there and back", () => {
    for (const call of [
      { name: "read", kind: "function", input: '{"path":"a"}' },
      { name: "apply_patch", kind: "custom", input: '*** "Begin"\n\\ Patch 😀' },
      { name: "search", namespace: "mcp__github", kind: "function", input: "{}" },
    ] as const) {
      expect(callFromFunction(callAsFunction(call, names), names)).toEqual(call);
    }
    expect(callAsFunction({ name: "read", kind: "function", input: "" }, names).arguments).toBe("{}");
  });

  it("restores a part", () => {
    expect(
      restoreCall(
        { type: "tool-call", callId: "c", name: "apply_patch", kind: "function", input: '{"input":"x"}' },
        names,
      ),
    ).toEqual({ type: "tool-call", callId: "c", name: "apply_patch", kind: "custom", input: "x" });
  });

  it("understands models that miss the form", () => {
    expect(unwrapCustomInput('{"patch":"x"}')).toBe("x");
    expect(unwrapCustomInput('"x"')).toBe("x");
    expect(unwrapCustomInput("*** Begin")).toBe("*** Begin");
    expect(unwrapCustomInput('{"input":{"a":1}}')).toBe('{"a":1}');
    expect(unwrapCustomInput("{}")).toBe("");
    expect(unwrapCustomInput('{"a":"x","b":"y"}')).toBe('{"a":"x","b":"y"}');
    expect(unwrapCustomInput("[1]")).toBe("[1]");
  });
});

describe("customInputStream", () => {
  function stream(json: string, cuts: readonly number[]): string {
    const unwrap = customInputStream();
    let out = "";
    let from = 0;
    for (const cut of [...cuts.map((at) => at % (json.length + 1)).sort((a, b) => a - b), json.length]) {
      const piece = unwrap.push(json.slice(from, cut));
      expect(Buffer.from(piece).toString()).toBe(piece);
      out += piece;
      from = cut;
    }
    return out + unwrap.end();
  }

  it("gives the text whatever the fragments", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat()), fc.boolean(), (text, cuts, ascii) => {
        const json = ascii
          ? wrapCustomInput(text).replace(
              /[\u0080-\uffff]/g,
              (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
            )
          : wrapCustomInput(text);
        expect(stream(json, cuts)).toBe(text);
      }),
    );
  });

  it("accepts white space, other keys and plain text", () => {
    expect(stream(' {\n "input" : "a\\nb" } ', [3, 9, 14])).toBe("a\nb");
    expect(stream('{"patch":"x"}', [2, 5])).toBe("x");
    expect(stream(`*** Begin${" long".repeat(40)}`, [30, 80, 120])).toBe(`*** Begin${" long".repeat(40)}`);
  });

  it("streams at once, and gathers no more than its limit", () => {
    const unwrap = customInputStream();
    expect(unwrap.push('{"input":"ab')).toBe("ab");
    const other = customInputStream();
    const big = "x".repeat(3 * 1024 * 1024);
    expect(other.push(big)).toBe("");
    expect(other.push(big)).toHaveLength(2 * big.length);
    expect(other.push("y")).toBe("y");
  });
});

describe("callRestorer", () => {
  it("maps interleaved calls of a stream", () => {
    const restore = callRestorer(toolNames(TOOLS));
    const events: ChatEvent[] = [
      { type: "tool-start", id: "1", callId: "c1", name: "apply_patch", kind: "function" },
      { type: "tool-start", id: "2", callId: "c2", name: "mcp__github__search", kind: "function" },
      { type: "tool-delta", id: "1", delta: '{"inp' },
      { type: "tool-delta", id: "2", delta: '{"q":1}' },
      { type: "tool-delta", id: "1", delta: 'ut":"a\\n' },
      { type: "tool-delta", id: "1", delta: 'b"}' },
      { type: "tool-end", id: "1" },
      { type: "tool-end", id: "2" },
    ];
    expect(restore(events)).toEqual([
      { type: "tool-start", id: "1", callId: "c1", name: "apply_patch", kind: "custom" },
      {
        type: "tool-start",
        id: "2",
        callId: "c2",
        name: "search",
        namespace: "mcp__github",
        kind: "function",
      },
      { type: "tool-delta", id: "2", delta: '{"q":1}' },
      { type: "tool-delta", id: "1", delta: "a\n" },
      { type: "tool-delta", id: "1", delta: "b" },
      { type: "tool-end", id: "1" },
      { type: "tool-end", id: "2" },
    ]);
  });
});
