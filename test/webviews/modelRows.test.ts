/** Models as rows: one each, with the accounts that serve it. */
import { describe, expect, it } from "vitest";
import type { ModelView } from "../../src/control/settings.ts";
import { findModels, modelRows } from "../../src/webviews/pages/apiProxy/modelRows.ts";

const server = (id: string) => ({ id, label: id.toUpperCase(), protocols: ["openai-chat" as const] });
const model = (name: string, accounts: string[], more: Partial<ModelView> = {}): ModelView => ({
  name,
  accounts: accounts.map(server),
  ...more,
});
const short = (models: readonly ModelView[]) =>
  modelRows(models).map(({ name, accounts, names }) => [
    name,
    accounts.map(({ id }) => id),
    Object.fromEntries(names),
  ]);

describe("models as rows", () => {
  it("have one row where several accounts serve a model, with the name of each", () => {
    const all = [
      model("gpt-5", ["work", "old"]),
      model("work/gpt-5", ["work"]),
      model("old/gpt-5", ["old"]),
      model("o3", ["work"]),
    ];
    const expected = [
      ["gpt-5", ["work", "old"], { work: "work/gpt-5", old: "old/gpt-5" }],
      ["o3", ["work"], {}],
    ];
    expect(short(all)).toEqual(expected);
    // Also where the account's own name comes first.
    expect(short([...all.slice(1), all[0] ?? model("", [])])[0]?.[0]).toBe("gpt-5");
  });

  it("keep a name that only the account's own reaches", () => {
    expect(short([model("sandbox/echo", ["sandbox"])])).toEqual([
      ["sandbox/echo", ["sandbox"], { sandbox: "sandbox/echo" }],
    ]);
    // A vendor in front is part of the model's name.
    expect(short([model("openai/gpt-5", ["router"])])[0]?.[0]).toBe("openai/gpt-5");
  });

  it("keep what is known of the model, its own name's first", () => {
    const [row] = modelRows([
      model("gpt-5", ["a", "b"], { contextWindow: 400_000 }),
      model("a/gpt-5", ["a"], { contextWindow: 5, maxOutput: 128_000 }),
    ]);
    expect(row).toMatchObject({ contextWindow: 400_000, maxOutput: 128_000 });
  });

  it("are found by words, by account and by what they take", () => {
    const rows = modelRows([
      model("gpt-5", ["work"], { input: { image: true, pdf: true, audio: false }, efforts: ["low", "high"] }),
      model("whisper", ["old"], { input: { image: false, pdf: false, audio: true } }),
      model("llama", ["old"]),
    ]);
    const found = (filter: Partial<Parameters<typeof findModels>[1]>) =>
      findModels(rows, { text: "", accounts: undefined, ability: undefined, ...filter }).map(
        ({ name }) => name,
      );
    expect(found({})).toEqual(["gpt-5", "whisper", "llama"]);
    expect(found({ text: "OLD ll" })).toEqual(["llama"]);
    expect(found({ accounts: new Set(["old"]) })).toEqual(["whisper", "llama"]);
    expect(found({ ability: "image" })).toEqual(["gpt-5"]);
    expect(found({ ability: "audio" })).toEqual(["whisper"]);
    expect(found({ ability: "efforts" })).toEqual(["gpt-5"]);
    expect(found({ ability: "audio", accounts: new Set(["work"]) })).toEqual([]);
  });
});
