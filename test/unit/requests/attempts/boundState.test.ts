import { describe, expect, it } from "vitest";
import { codec as anthropic } from "../../../../src/gateway/protocols/anthropic/index.ts";
import { sealSignature } from "../../../../src/gateway/protocols/anthropic/signature.ts";
import { carry } from "../../../../src/gateway/protocols/openaiResponses/signatures.ts";
import { encryptedOf } from "../../../../src/gateway/protocols/responsesApi.ts";
import {
  encryptedKey,
  withoutBoundState,
  withoutSignatures,
} from "../../../../src/gateway/requests/attempts/boundState.ts";
import { EncryptedScan } from "../../../../src/gateway/upstream/relay/encryptedScan.ts";

const OWN_ID = `msg_pt${"a".repeat(24)}`;

describe("withoutForeignState", () => {
  it("takes reasoning and ids out of a responses request", () => {
    const body = {
      model: "m",
      brand_new: { kept: true },
      input: [
        { type: "message", id: "msg_1", role: "user", content: "hi" },
        { type: "reasoning", id: "rs_1", encrypted_content: "gAAA", summary: [] },
        { type: "function_call", id: "fc_1", call_id: "c1", name: "read", arguments: "{}" },
        { type: "item_reference", id: "msg_9" },
      ],
    };
    expect(withoutBoundState("openai-responses", body)).toEqual({
      model: "m",
      brand_new: { kept: true },
      input: [
        { type: "message", role: "user", content: "hi" },
        { type: "function_call", call_id: "c1", name: "read", arguments: "{}" },
        { type: "item_reference", id: "msg_9" },
      ],
    });
  });

  it("takes thinking out of a messages request, and a turn of nothing else with it", () => {
    const thinking = { type: "thinking", thinking: "hm", signature: "abc" };
    const body = {
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: [thinking, { type: "tool_use", id: "t", name: "read", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "x" }] },
        { role: "assistant", content: [{ type: "redacted_thinking", data: "d" }] },
      ],
    };
    expect(withoutBoundState("anthropic", body)).toEqual({
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "t", name: "read", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "x" }] },
      ],
    });
  });

  it("takes what Portico carried out of a chat request, and nothing else", () => {
    const own = { type: "reasoning.text", signature: "s", id: "portico:anthropic:signature:0:2:::" };
    const theirs = { type: "reasoning.encrypted", data: "d", id: "rs_1" };
    const call = { id: "c1", type: "function", function: { name: "read", arguments: "{}" } };
    const google = { thought_signature: "g" };
    const user = { role: "user", content: "portico:" };
    const body = {
      model: "m",
      brand_new: 1,
      messages: [
        user,
        {
          role: "assistant",
          reasoning_content: "hm",
          reasoning_details: [own, theirs],
          tool_calls: [
            { ...call, extra_content: { portico: { protocol: "anthropic" }, google } },
            { ...call, extra_content: { portico: {} } },
            { ...call, extra_content: { google } },
          ],
        },
        { role: "assistant", content: "x", reasoning_details: [own], extra_content: { portico: {} } },
      ],
    };
    expect(withoutBoundState("openai-chat", body, "carried")).toEqual({
      model: "m",
      brand_new: 1,
      messages: [
        user,
        {
          role: "assistant",
          reasoning_content: "hm",
          reasoning_details: [theirs],
          tool_calls: [{ ...call, extra_content: { google } }, call, { ...call, extra_content: { google } }],
        },
        { role: "assistant", content: "x" },
      ],
    });
    expect(
      withoutBoundState(
        "openai-chat",
        { messages: [user, { role: "assistant", reasoning_details: [theirs] }] },
        "carried",
      ),
    ).toBeUndefined();
  });

  it("puts the documented value in place of a call's signature for Gemini", () => {
    const body = {
      contents: [
        {
          role: "model",
          parts: [
            { text: "hm", thought: true, thoughtSignature: "a" },
            { functionCall: { name: "read", args: {} }, thoughtSignature: "b" },
            { thoughtSignature: "c" },
          ],
        },
      ],
    };
    const stripped = withoutBoundState("gemini", body);
    expect(stripped).toEqual({
      contents: [
        {
          role: "model",
          parts: [
            { text: "hm", thought: true },
            {
              functionCall: { name: "read", args: {} },
              thoughtSignature: "skip_thought_signature_validator",
            },
          ],
        },
      ],
    });
    // Once is enough.
    expect(withoutBoundState("gemini", stripped)).toBeUndefined();
  });

  it("knows the fields of chat completions that bring signatures back", () => {
    const toolCall = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
    const body = {
      messages: [
        {
          role: "assistant",
          content: null,
          reasoning_details: [{ type: "reasoning.encrypted", data: "x" }],
          tool_calls: [{ ...toolCall, extra_content: { google: { thought_signature: "s" } } }],
        },
      ],
    };
    expect(withoutBoundState("openai-chat", body)).toEqual({
      messages: [
        {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              ...toolCall,
              extra_content: { google: { thought_signature: "skip_thought_signature_validator" } },
            },
          ],
        },
      ],
    });
  });

  it.each(["openai-chat", "openai-responses", "anthropic", "gemini"] as const)(
    "has nothing to take from a plain %s request",
    (protocol) => {
      expect(
        withoutBoundState(protocol, {
          messages: [{ role: "user", content: "a" }],
          input: "a",
          contents: [{ parts: [{ text: "a" }] }],
        }),
      ).toBeUndefined();
      for (const odd of [
        undefined,
        null,
        [],
        "x",
        { messages: 1, input: {}, contents: null },
        { messages: [null, [1]], input: [[]], contents: [7] },
      ]) {
        expect(withoutBoundState(protocol, odd)).toBeUndefined();
      }
    },
  );

  it("takes only what Portico itself put there where nobody complained", () => {
    const carried = carry({ protocol: "anthropic", kind: "signature", data: "sig" });
    const body = {
      input: [
        { type: "reasoning", id: "rs_1", encrypted_content: "gAAA" },
        { type: "reasoning", id: `rs_pt${"a".repeat(24)}`, encrypted_content: carried },
        { type: "message", id: OWN_ID, role: "assistant", content: [] },
      ],
    };
    expect(withoutBoundState("openai-responses", body, "carried")).toEqual({
      input: [
        { type: "reasoning", id: "rs_1", encrypted_content: "gAAA" },
        { type: "message", role: "assistant", content: [] },
      ],
    });
    const sealed = sealSignature({ protocol: "gemini", kind: "signature", data: "sig" });
    const blocks = [
      { type: "thinking", thinking: "a", signature: sealed },
      { type: "thinking", thinking: "b", signature: "own" },
    ];
    expect(
      withoutBoundState("anthropic", { messages: [{ role: "assistant", content: blocks }] }, "carried"),
    ).toEqual({
      messages: [{ role: "assistant", content: [blocks[1]] }],
    });
    expect(withoutBoundState("openai-responses", { input: [body.input[0]] }, "carried")).toBeUndefined();
  });
});

describe("withoutProofs", () => {
  it("drops proven reasoning and the signatures of calls", () => {
    const decoded = anthropic.decodeRequest(
      {
        model: "m",
        max_tokens: 10,
        messages: [
          { role: "user", content: "hi" },
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "hm", signature: "abc" },
              { type: "text", text: "ok" },
            ],
          },
          { role: "user", content: "go on" },
        ],
      },
      { model: "m", stream: false },
    );
    const stripped = withoutSignatures(decoded);
    expect(stripped?.messages[1]?.parts.map(({ type }) => type)).toEqual(["text"]);
    expect(stripped === undefined ? "" : withoutSignatures(stripped)).toBeUndefined();
  });
});

describe("EncryptedScan", () => {
  const data = Array.from({ length: 300 }, (_, at) => "ABCDEFGHabcdefgh0123456789+/"[(at * 7) % 28]).join("");
  const event = Buffer.from(
    `data: {"item":{"type":"reasoning","encrypted_content":"${data}"}}\n\ndata: {"encrypted_content" : null}\n\n`,
  );

  it("finds an encrypted text wherever the chunks are cut", () => {
    for (let cut = 1; cut < event.length; cut++) {
      const found = new Set<string>();
      const scan = new EncryptedScan((text) => found.add(encryptedKey(text)));
      scan.push(event.subarray(0, cut));
      scan.push(event.subarray(cut));
      // A mark torn in the middle is missed, which passthrough's whole events never do.
      const mark = event.indexOf('"encrypted_content"');
      if (cut <= mark || cut >= mark + 19) expect([...found]).toEqual([encryptedKey(data)]);
    }
  });

  it("agrees with what the client brings back", () => {
    expect(
      encryptedOf({ input: [{ type: "reasoning", encrypted_content: data }, { role: "user" }] }, 9).map(
        encryptedKey,
      ),
    ).toEqual([encryptedKey(data)]);
  });

  it("looks at so many and no more", () => {
    let count = 0;
    const scan = new EncryptedScan(() => count++);
    for (let n = 0; n < 700; n++) scan.push(Buffer.from(`"encrypted_content":"abc${n}" `));
    expect(count).toBe(500);
  });
});
