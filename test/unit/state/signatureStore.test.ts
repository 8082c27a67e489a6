import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type {
  AssistantPart,
  ChatRequest,
  Message,
  ReasoningPart,
  Signature,
  ToolCallPart,
} from "../../../src/gateway/protocols/chat.ts";
import { SignatureStore } from "../../../src/gateway/state/signatureStore.ts";
import type { StoredSignature } from "../../../src/gateway/state/storedSignature.ts";

const SCOPE = { session: "s1", model: "gemini-3-pro" };
const signature = (data: string): Signature => ({ protocol: "gemini", kind: "signature", data });
const call = (callId: string, extra: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: "tool-call",
  callId,
  name: "read",
  kind: "function",
  input: '{"path":"a","line":1}',
  ...extra,
});
const thought = (text: string, signature?: Signature): AssistantPart => ({
  type: "reasoning",
  text,
  ...(signature === undefined ? {} : { signature }),
});
const request = (...parts: AssistantPart[]): ChatRequest => ({
  model: SCOPE.model,
  messages: [
    { role: "user", parts: [{ type: "text", text: "hi" }] },
    { role: "assistant", parts },
  ],
  tools: [],
  sampling: {},
  stream: false,
});
const assistant = ({ messages }: ChatRequest): Message["parts"] => messages[1]?.parts ?? [];

describe("ProofStore", () => {
  it("puts the signature of a call back", () => {
    const store = new SignatureStore();
    store.keep(SCOPE, call("c1", { signature: signature("sig") }), []);
    expect(assistant(store.restore(SCOPE, request(call("c1"))))).toEqual([
      call("c1", { signature: signature("sig") }),
    ]);
  });

  it("puts signed reasoning before its call, and the text between stays there", () => {
    const store = new SignatureStore();
    const signed = {
      type: "reasoning" as const,
      text: "hm",
      signature: { protocol: "anthropic" as const, kind: "signature" as const, data: "x" },
    };
    store.keep(SCOPE, call("c1"), [signed]);
    const text: AssistantPart = { type: "text", text: "let me see" };
    expect(assistant(store.restore(SCOPE, request(text, call("c1"), call("c2"))))).toEqual([
      signed,
      text,
      call("c1"),
      call("c2"),
    ]);
    // Thoughts that came back without their signature are not said twice.
    expect(assistant(store.restore(SCOPE, request(thought("hm"), text, call("c1"))))).toEqual([
      signed,
      text,
      call("c1"),
    ]);
  });

  it("leaves what the client brought back alone", () => {
    const store = new SignatureStore();
    store.keep(SCOPE, call("c1", { signature: signature("kept") }), [
      { type: "reasoning", text: "kept", signature: signature("r") },
    ]);
    const brought = request(thought("own", signature("own")), call("c1", { signature: signature("own") }));
    expect(store.restore(SCOPE, brought)).toBe(brought);
  });

  it("keeps sessions, models and names of one id apart", () => {
    const store = new SignatureStore();
    store.keep(SCOPE, call("call_0", { signature: signature("one") }), []);
    const asked = request(call("call_0"));
    expect(store.restore({ ...SCOPE, session: "s2" }, asked)).toBe(asked);
    expect(store.restore({ ...SCOPE, model: "other" }, asked)).toBe(asked);
    const renamed = request(call("call_0", { name: "write" }));
    expect(store.restore(SCOPE, renamed)).toBe(renamed);
  });

  it("finds a call whose id the client did not bring back, whatever the order of its arguments", () => {
    const store = new SignatureStore();
    store.keep(SCOPE, call("call_abc", { signature: signature("sig") }), []);
    const restored = store.restore(
      SCOPE,
      request(call("call_gem_r1_0", { input: '{ "line": 1, "path": "a" }' })),
    );
    expect(assistant(restored)[0]).toMatchObject({ signature: signature("sig") });
  });

  it("finds a call whose id was written in another protocol's alphabet", () => {
    const store = new SignatureStore();
    store.keep(SCOPE, call("functions.read:0", { signature: signature("sig") }), []);
    const restored = store.restore(SCOPE, request(call("functions.read:0")));
    expect(assistant(restored)[0]).toMatchObject({ signature: signature("sig") });
  });

  it("keeps nothing that proves nothing", () => {
    const store = new SignatureStore();
    store.keep(SCOPE, call("c1"), [{ type: "reasoning", text: "unsigned" }]);
    expect(store.count).toBe(0);
  });

  it("is bounded by count and by size, the longest unused goes first", () => {
    const store = new SignatureStore({ count: 2, size: 1_000_000 });
    for (const id of ["a", "b"]) store.keep(SCOPE, call(id, { signature: signature(id), input: id }), []);
    store.restore(SCOPE, request(call("a", { input: "a" })));
    store.keep(SCOPE, call("c", { signature: signature("c"), input: "c" }), []);
    const kept = assistant(
      store.restore(SCOPE, request(...["a", "b", "c"].map((id) => call(id, { input: id })))),
    );
    expect(kept.map((part) => "signature" in part)).toEqual([true, false, true]);

    const small = new SignatureStore({ count: 100, size: 100 });
    for (let n = 0; n < 50; n++)
      small.keep(SCOPE, call(`c${n}`, { signature: signature("x".repeat(20)) }), []);
    expect(small.size).toBeLessThanOrEqual(100);
    expect(small.count).toBeGreaterThan(0);
    small.keep(SCOPE, call("huge", { signature: signature("x".repeat(200)) }), []);
    expect(small.size).toBeLessThanOrEqual(100);
    for (let n = 0; n < 5; n++) small.keep(SCOPE, call("same", { signature: signature("x") }), []);
    expect(small.size).toBeLessThanOrEqual(100);
  });

  it("is stored under the names that older versions read, and read from them", () => {
    const store = new SignatureStore();
    const given: StoredSignature[] = [];
    store.onKeep = (kept) => given.push(kept);
    const thought: ReasoningPart = { type: "reasoning", text: "t", itemId: "i", signature: signature("r") };
    store.keep(SCOPE, call("c1", { signature: signature("sig") }), [thought]);
    const { type, text, itemId } = thought;
    expect(given).toMatchObject([
      { proof: signature("sig"), reasoning: [{ type, text, itemId, proof: signature("r") }] },
    ]);
    expect(JSON.stringify(given)).not.toContain('"signature":');
    const other = new SignatureStore();
    other.merge(JSON.parse(JSON.stringify(given)) as unknown[]);
    expect(assistant(other.restore(SCOPE, request(call("c1"))))).toMatchObject([
      thought,
      { signature: signature("sig") },
    ]);
  });

  it("survives a restart", async () => {
    let saved: readonly StoredSignature[] = [];
    const persistence = {
      load: async () => JSON.parse(JSON.stringify([{ broken: true }, ...saved])) as unknown,
      save: async (entries: readonly StoredSignature[]) => {
        saved = entries;
      },
    };
    const clock = { ...systemClock, setTimeout: () => ({ cancel() {} }) };
    const before = new SignatureStore(undefined, { clock, persistence, texts: () => true });
    before.keep(SCOPE, call("c1", { signature: signature("sig") }), []);
    await before.flush();
    const after = new SignatureStore(undefined, { clock, persistence, texts: () => true });
    await after.load();
    expect(assistant(after.restore(SCOPE, request(call("c1"))))[0]).toMatchObject({
      signature: signature("sig"),
    });
  });

  it("saves no thought in plain words unless that is wanted", async () => {
    let saved: readonly StoredSignature[] = [];
    const persistence = {
      load: async () => JSON.parse(JSON.stringify(saved)) as unknown,
      save: async (entries: readonly StoredSignature[]) => {
        saved = entries;
      },
    };
    const clock = { ...systemClock, setTimeout: () => ({ cancel() {} }) };
    let texts = false;
    const store = new SignatureStore(undefined, { clock, persistence, texts: () => texts });
    const encrypted: Signature = { protocol: "openai-responses", kind: "encrypted", data: "enc" };
    const signed: Signature = { protocol: "anthropic", kind: "signature", data: "sig" };
    const thinks = (text: string, signature: Signature) => ({ type: "reasoning" as const, text, signature });
    store.keep(SCOPE, call("own", { signature: signature("g") }), [thinks("private", signature("x"))]);
    store.keep(SCOPE, call("enc"), [thinks("private", encrypted)]);
    store.keep(SCOPE, call("claude"), [thinks("private", signed)]);
    await store.flush();
    expect(JSON.stringify(saved)).not.toContain("private");
    expect(saved.map(({ callId, reasoning }) => [callId, reasoning.map(({ text }) => text)])).toEqual([
      ["own", []],
      ["enc", [""]],
    ]);
    texts = true;
    store.touch();
    await store.flush();
    expect(saved.map(({ callId }) => callId)).toEqual(["own", "enc", "claude"]);
    expect(JSON.stringify(saved)).toContain("private");

    // Saved while it was wanted, it leaves the disk when it no longer is.
    texts = false;
    const after = new SignatureStore(undefined, { clock, persistence, texts: () => texts });
    await after.load();
    await after.flush();
    expect(JSON.stringify(saved)).not.toContain("private");
  });
});
