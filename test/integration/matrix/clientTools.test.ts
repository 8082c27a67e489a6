/** Free-text tools and tools that the client runs itself: functions where a target has only those, and back. */
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { MODELS, misreadings, type Rig, startRig } from "../../support/matrix/rig.ts";
import { HELLO, type Scene, type SceneCall, USAGE } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const calling = (...calls: SceneCall[]): Scene => ({ calls, finish: "tool-calls", usage: USAGE });
const plain = (target: Protocol) => `${target}/${MODELS[target].plain}`;
const OPENAI = ["openai-chat", "openai-responses"] as const;
const both = <A, B>(some: readonly A[], others: readonly B[]) =>
  some.flatMap((client) => others.map((target) => ({ client, target })));

describe("a custom tool", () => {
  const TOOL = {
    "openai-chat": { tools: [{ type: "custom", custom: { name: "edit", description: "Edits" } }] },
    "openai-responses": { tools: [{ type: "custom", name: "edit", description: "Edits" }] },
  } as const;
  const PATCH = '*** Begin Patch\n+ "wörld"\n*** End Patch';

  // The SDK's own accumulation of chat streams knows functions only.
  const cases = both(OPENAI, PROTOCOLS)
    .flatMap((pair) => [true, false].map((stream) => ({ ...pair, stream })))
    .filter(({ client, stream }) => client !== "openai-chat" || !stream);
  it.each(cases)(
    "goes from $client to $target and back (stream: $stream)",
    async ({ client, target, stream }) => {
      const native = OPENAI.some((protocol) => protocol === target);
      rig.scene = calling({
        id: "call_e1",
        name: "edit",
        ...(native ? { input: PATCH } : { args: { input: PATCH } }),
      });
      const talk = rig.talk(client, plain(target));
      const first = await talk.ask({ text: "Edit it." }, stream, TOOL[client]);
      expect(first.calls).toMatchObject([{ name: "edit", args: PATCH }]);
      if (client !== target) expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
      rig.scene = HELLO;
      const results = first.calls.map(({ id, name }) => ({ id, name, content: [{ text: "edited" }] }));
      await talk.ask({ results }, stream, TOOL[client]);
      expect(rig.refused).toEqual([]);
      const sent = JSON.stringify(rig.sent.at(-1)?.body);
      expect(sent).toContain("edited");
      expect(sent).toContain("Begin Patch");
    },
  );

  it.each(both(["openai-chat"] as const, ["openai-responses", "anthropic", "gemini"] as const))(
    "streams to $client from $target as that protocol has it",
    async ({ target }) => {
      const native = target === "openai-responses";
      rig.scene = calling({
        id: "call_e1",
        name: "edit",
        ...(native ? { input: PATCH } : { args: { input: PATCH } }),
      });
      const client = new OpenAI({ apiKey: "k", baseURL: `${rig.portico.baseUrl}/v1`, maxRetries: 0 });
      const tools: OpenAI.ChatCompletionTool[] = [{ type: "custom", custom: { name: "edit" } }];
      const stream = await client.chat.completions.create({
        model: plain(target),
        messages: [{ role: "user", content: "hi" }],
        tools,
        stream: true,
      });
      let input = "";
      for await (const { choices } of stream) {
        for (const call of choices[0]?.delta.tool_calls ?? []) {
          const custom: unknown = Reflect.get(call, "custom");
          const piece: unknown =
            typeof custom === "object" && custom !== null ? Reflect.get(custom, "input") : undefined;
          if (typeof piece === "string") input += piece;
        }
      }
      expect(input).toBe(PATCH);
      expect(misreadings("openai-chat", await rig.seen(), true)).toEqual([]);
    },
  );
});

describe("tools that Codex runs itself", () => {
  const CASES = [
    {
      type: "local_shell",
      call: {
        id: "call_s1",
        name: "local_shell",
        args: { command: ["bash", "-lc", "ls"], working_directory: "/tmp" },
      },
      item: {
        type: "local_shell_call",
        call_id: "call_s1",
        action: { type: "exec", command: ["bash", "-lc", "ls"], working_directory: "/tmp" },
      },
      output: { type: "local_shell_call_output", id: "lsho_1", call_id: "call_s1", output: "a.txt" },
    },
    {
      type: "apply_patch",
      call: {
        id: "call_p1",
        name: "apply_patch",
        args: { type: "update_file", path: "a.txt", diff: "@@\n-a\n+a.txt" },
      },
      item: {
        type: "apply_patch_call",
        call_id: "call_p1",
        operation: { type: "update_file", path: "a.txt", diff: "@@\n-a\n+a.txt" },
      },
      output: {
        type: "apply_patch_call_output",
        call_id: "call_p1",
        status: "completed",
        output: "a.txt patched",
      },
    },
  ] as const;

  describe.each(CASES)("$type", ({ type, call, item, output }) => {
    it.each(both(["openai-chat", "anthropic", "gemini"] as const, [true, false]))(
      "is a function at $client and its own item again (stream: $target)",
      async ({ client: target, target: stream }) => {
        const user = { role: "user", content: "Do it." };
        rig.scene = calling(call);
        const first = await rig
          .talk("openai-responses", plain(target))
          .ask({}, stream, { tools: [{ type }], input: [user] });
        const { output: items } = first.raw as OpenAI.Responses.Response;
        // Gemini's calls have no ids of their own.
        const { call_id: _callId, ...rest } = item;
        expect(items).toMatchObject([target === "gemini" ? rest : item]);
        expect(misreadings("openai-responses", await rig.seen(), stream)).toEqual([]);
        rig.scene = HELLO;
        const callId: unknown = Reflect.get(items[0] ?? {}, "call_id");
        const input = [user, ...items, { ...output, call_id: callId }];
        const second = await rig
          .talk("openai-responses", plain(target))
          .ask({}, stream, { tools: [{ type }], input });
        expect(rig.refused).toEqual([]);
        expect(second.text).toBe(HELLO.text);
        expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain(output.output);
      },
    );
  });

  it.each(both(["openai-chat", "anthropic", "gemini"] as const, [true, false]))(
    "namespaces are names at $client and themselves again (stream: $target)",
    async ({ client: target, target: stream }) => {
      rig.scene = calling({ id: "call_n1", name: "fs__read", args: { path: "a" } });
      const tools = [
        {
          type: "namespace",
          name: "fs",
          description: "Files",
          tools: [
            {
              type: "function",
              name: "read",
              parameters: { type: "object", properties: { path: { type: "string" } } },
              strict: false,
            },
          ],
        },
      ];
      const first = await rig.talk("openai-responses", plain(target)).ask({ text: "hi" }, stream, { tools });
      expect((first.raw as OpenAI.Responses.Response).output).toMatchObject([
        { type: "function_call", name: "read", namespace: "fs", arguments: '{"path":"a"}' },
      ]);
    },
  );
});
