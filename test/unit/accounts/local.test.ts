import { describe, expect, it } from "vitest";
import { detectLocal } from "../../../src/gateway/accounts/local.ts";

const OLLAMA = "http://127.0.0.1:11434/v1";
const LMSTUDIO = "http://127.0.0.1:1234/v1";

const serving = (lists: Record<string, unknown>) => (url: string) =>
  url in lists ? Promise.resolve(lists[url]) : Promise.reject(new Error("ECONNREFUSED"));

describe("detectLocal", () => {
  it("offers what answers", async () => {
    const getJson = serving({ [`${OLLAMA}/models`]: { object: "list", data: [{ id: "llama3:latest" }] } });
    expect(await detectLocal({ getJson })).toEqual([
      { provider: "ollama", label: "Ollama", baseUrl: OLLAMA, models: ["llama3:latest"] },
    ]);
  });

  it("takes the null that Ollama says for an empty list, and nothing that is no list", async () => {
    const getJson = serving({
      [`${OLLAMA}/models`]: { object: "list", data: null },
      [`${LMSTUDIO}/models`]: { hello: 1 },
    });
    expect(await detectLocal({ getJson })).toMatchObject([{ provider: "ollama", models: [] }]);
  });

  it("leaves out what is an account already, without asking it", async () => {
    const asked: string[] = [];
    const getJson = (url: string) => {
      asked.push(url);
      return Promise.resolve({ data: [] });
    };
    expect(await detectLocal({ getJson, known: new Set([OLLAMA]) })).toMatchObject([
      { provider: "lmstudio" },
    ]);
    expect(asked).toEqual([`${LMSTUDIO}/models`]);
  });

  it("gives up on what hangs, and on request", async () => {
    const hangs = (_url: string, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    expect(await detectLocal({ getJson: hangs, timeoutMs: 5 })).toEqual([]);
    expect(await detectLocal({ getJson: hangs, timeoutMs: 60_000, signal: AbortSignal.abort() })).toEqual([]);
  });

  it("asks real sockets without being told how", async () => {
    expect(Array.isArray(await detectLocal())).toBe(true);
  });
});
