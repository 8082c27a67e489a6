import { describe, expect, it } from "vitest";
import type { HeldAccount } from "../../../../src/control/accounts.ts";
import type { ModelView } from "../../../../src/control/settings.ts";
import {
  type Choice,
  chatModels,
  EFFORT,
  effortOf,
  MAX_MODELS,
} from "../../../../src/vscode/chat/modelInfo.ts";

const owner = (id: string) => ({ id, label: id.toUpperCase(), protocols: ["openai-chat" as const] });
const model = (name: string, owners: string[], more: Partial<ModelView> = {}): ModelView => ({
  name,
  accounts: owners.map(owner),
  ...more,
});
const held = (account: string, more: Partial<HeldAccount> = {}): HeldAccount => ({
  account,
  label: account,
  condition: "exhausted",
  reason: "used up",
  until: 7000,
  ...more,
});
const choice = (more: Partial<Choice> = {}): Choice => ({
  wanted: [],
  held: [],
  time: (at) => `at ${at}`,
  ...more,
});

describe("models in VS Code's chat", () => {
  it("are there once, whoever serves them, routes first", () => {
    const models = [
      model("gpt-5", ["old", "work"]),
      model("old/gpt-5", ["old"]),
      model("work/gpt-5", ["work"]),
      model("sandbox/echo", ["sandbox"]),
      model("fast", ["work"], { routed: true }),
    ];
    expect(chatModels(models, choice()).map(({ id, detail }) => [id, detail])).toEqual([
      ["fast", "WORK"],
      ["gpt-5", "2 accounts"],
      ["sandbox/echo", "SANDBOX"],
    ]);
  });

  it("are at most 40, or those that a person named", () => {
    const models = Array.from({ length: 100 }, (_, index) => model(`m-${index}`, ["a"]));
    expect(chatModels(models, choice())).toHaveLength(MAX_MODELS);
    const wanted = ["M-1*", "m-99", "(x"];
    expect(chatModels(models, choice({ wanted })).map(({ id }) => id)).toEqual([
      ...["m-1", ...Array.from({ length: 10 }, (_, index) => `m-1${index}`), "m-99"],
    ]);
  });

  it("say what they take, their window and price", () => {
    const known = model("a", ["x"], {
      contextWindow: 200_000,
      maxOutput: 32_000,
      price: { input: 1.25, output: 10 },
      input: { image: false, pdf: false, audio: false },
    });
    const [first, second] = chatModels([known, model("b", ["x"])], choice());
    expect(first).toMatchObject({
      maxInputTokens: 168_000,
      maxOutputTokens: 32_000,
      pricing: "$1.25 in, $10 out per million tokens",
      capabilities: { imageInput: false, toolCalling: true },
    });
    expect(second).toMatchObject({
      maxInputTokens: 112_000,
      maxOutputTokens: 16_000,
      capabilities: { imageInput: true },
    });
    expect(second).not.toHaveProperty("pricing");
  });

  it("say when nobody can answer, and until when", () => {
    const both = [model("m", ["a", "b"])];
    const warning = (...holds: HeldAccount[]) => chatModels(both, choice({ held: holds }))[0]?.warningText;
    expect(warning()).toBeUndefined();
    expect(warning(held("a"))).toBeUndefined();
    expect(warning(held("a", { model: "other" }), held("b"))).toBeUndefined();
    expect(warning(held("a", { until: 9000 }), held("b", { model: "m" }))).toEqual([
      "No account can answer before at 7000.",
    ]);
    const refused = { condition: "needs-attention" as const, until: 0 };
    expect(warning(held("a", refused), held("b", refused))?.[0]).toContain("one needs you");
  });

  it("have a menu of the efforts that they know", () => {
    const [first, second] = chatModels(
      [model("a", ["x"], { efforts: ["low", "high"] }), model("b", ["x"])],
      choice(),
    );
    expect(first?.configurationSchema).toMatchObject({
      properties: {
        [EFFORT]: { enum: ["default", "low", "high"], enumItemLabels: ["Default", "Low", "High"] },
      },
    });
    expect(second).not.toHaveProperty("configurationSchema");
    expect(effortOf({ [EFFORT]: "low" })).toBe("low");
    for (const nothing of [undefined, null, {}, { [EFFORT]: "default" }, { [EFFORT]: 1 }])
      expect(effortOf(nothing)).toBeUndefined();
  });
});
