import { describe, expect, it } from "vitest";
import { Consent } from "../../../../src/vscode/chat/consent.ts";

function setUp(answer: boolean | undefined, kept: Record<string, boolean> = {}) {
  const asked: string[] = [];
  let tire = () => {};
  const tired = new Promise<void>((resolve) => {
    tire = resolve;
  });
  const consent = new Consent({
    answers: () => kept,
    keep: async (extension, allowed) => {
      kept[extension] = allowed;
    },
    ask: async (extension) => {
      asked.push(extension);
      await new Promise((resolve) => setImmediate(resolve));
      return answer;
    },
    tired: () => tired,
  });
  return { consent, asked, kept, tire };
}

describe("who may use the models", () => {
  it("is VS Code's own chat, without a question", async () => {
    const { consent, asked } = setUp(false);
    for (const id of ["GitHub.copilot-chat", "github.copilot", "vscode.git", "core"]) {
      expect(await consent.allows(id)).toBe(true);
    }
    expect(asked).toEqual([]);
  });

  it.each([true, false])("is asked once for each other extension, and kept: %s", async (answer) => {
    const { consent, asked, kept } = setUp(answer);
    const all = await Promise.all([consent.allows("a.b"), consent.allows("a.b"), consent.allows("c.d")]);
    expect(all).toEqual([answer, answer, answer]);
    expect(await consent.allows("A.B")).toBe(answer);
    expect(asked).toEqual(["a.b", "c.d"]);
    expect(kept).toEqual({ "a.b": answer, "c.d": answer });
  });

  it("is nobody who is like VS Code's own, nor one that does not say who it is", async () => {
    const { consent, asked } = setUp(false);
    for (const id of ["github.copilot-chat.evil", "evil.vscode.git", "corex", undefined]) {
      expect(await consent.allows(id)).toBe(false);
    }
    expect(asked).toHaveLength(4);
  });

  it("is asked again where the question was closed", async () => {
    const { consent, asked, kept } = setUp(undefined);
    expect(await consent.allows("a.b")).toBe(false);
    expect(await consent.allows("a.b")).toBe(false);
    expect([asked.length, kept]).toEqual([2, {}]);
  });

  it("is nobody while the question is open for too long; an answer that comes later counts", async () => {
    const { consent, asked, kept, tire } = setUp(true);
    const first = consent.allows("a.b");
    tire();
    expect(await first).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(kept).toEqual({ "a.b": true });
    expect(await consent.allows("a.b")).toBe(true);
    expect(asked).toEqual(["a.b"]);
  });
});
