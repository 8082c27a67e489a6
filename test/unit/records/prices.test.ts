import { calcPrice } from "@pydantic/genai-prices";
import { describe, expect, it } from "vitest";
import { costAt } from "../../../src/gateway/records/price.ts";
import { PriceBook } from "../../../src/gateway/records/priceBook.ts";
import { PriceList } from "../../../src/gateway/records/prices.ts";
import fc from "../../support/property.ts";

const NOON = Date.UTC(2026, 0, 15, 12);

async function list(now = () => NOON): Promise<PriceList> {
  const prices = new PriceList(now);
  await prices.load();
  return prices;
}

/** Portico's provider and the list's. */
const LISTED = [
  ["openai", "openai", "gpt-5"],
  ["openai", "openai", "gpt-4o"],
  ["anthropic", "anthropic", "claude-sonnet-4-5-20250929"],
  ["anthropic", "anthropic", "claude-opus-4-5"],
  ["gemini", "google", "gemini-2.5-pro"],
  ["vertex", "google", "gemini-2.5-flash"],
  ["openrouter", "openrouter", "anthropic/claude-sonnet-4.5"],
  ["deepseek", "deepseek", "deepseek-chat"],
  ["groq", "groq", "llama-3.3-70b-versatile"],
  ["mistral", "mistral", "mistral-large-latest"],
  ["xai", "x-ai", "grok-4"],
  ["moonshot", "moonshotai", "kimi-k2-0905-preview"],
  ["azure-openai", "azure", "gpt-4o"],
] as const;

describe("the list of prices", () => {
  it.each(LISTED)(
    "reckons for %s (%s) %s as the library does, cached parts and long requests included",
    async (provider, listed, model) => {
      const rates = (await list()).rates({ account: "a", provider, model });
      if (rates === undefined) throw new Error("no price");
      const tokens = fc.tuple(fc.nat(400_000), fc.nat(100), fc.nat(100), fc.nat(50_000));
      fc.assert(
        fc.property(tokens, ([input, read, written, output]) => {
          const cacheRead = Math.floor((input * read) / 200);
          const cacheWrite = Math.floor((input * written) / 200);
          const usage = {
            input_tokens: input,
            cache_read_tokens: cacheRead,
            cache_write_tokens: cacheWrite,
            output_tokens: output,
          };
          const answer = calcPrice(usage, model, { providerId: listed, timestamp: new Date(NOON) });
          expect(costAt(rates, { input, cacheRead, cacheWrite, output })).toBeCloseTo(
            answer?.total_price ?? -1,
            9,
          );
        }),
        { numRuns: 60 },
      );
    },
  );

  it("knows a server by its address, and a model behind `models/`", async () => {
    const prices = await list();
    const listed = prices.rates({ account: "a", provider: "groq", model: "openai/gpt-oss-120b" });
    const base = "https://api.groq.com/openai/v1";
    expect(prices.rates({ account: "a", provider: "custom", base, model: "openai/gpt-oss-120b" })).toEqual(
      listed,
    );
    expect(listed).toBeDefined();
    const bare = prices.rates({ account: "a", provider: "gemini", model: "gemini-2.5-pro" });
    expect(prices.rates({ account: "a", provider: "gemini", model: "models/gemini-2.5-pro" })).toEqual(bare);
  });

  it("guesses nothing", async () => {
    const prices = await list();
    expect(prices.rates({ account: "a", provider: "openai", model: "no-such-model" })).toBeUndefined();
    expect(
      prices.rates({ account: "a", provider: "custom", base: "https://ai.example/v1", model: "gpt-5" }),
    ).toBeUndefined();
    expect(
      prices.rates({ account: "a", provider: "custom", base: "http://127.0.0.1:1/v1", model: "gpt-5" }),
    ).toBeUndefined();
    expect(prices.rates({ account: "a", provider: "vllm", model: "gpt-5" })).toBeUndefined();
    expect(prices.rates({ account: "a", model: "gpt-5" })).toBeUndefined();
    expect(
      new PriceList(() => NOON).rates({ account: "a", provider: "openai", model: "gpt-5" }),
    ).toBeUndefined();
  });

  it.each(["sandbox", "ollama", "lmstudio"])("has %s for nothing", (provider) => {
    const rates = new PriceList(() => NOON).rates({ account: "a", provider, model: "anything" });
    expect(rates && costAt(rates, { input: 1e6, cacheRead: 5, cacheWrite: 5, output: 1e6 })).toBe(0);
  });

  it("puts the person's own prices first, those for one account before those for all", async () => {
    const prices = await list();
    const question = { account: "a", provider: "openai", model: "gpt-5" };
    const published = prices.rates(question);
    prices.configure([
      { model: "gpt-*", input: 1, output: 2 },
      { model: "gpt-*", account: "a", input: 3, output: 4 },
    ]);
    expect(prices.rates(question)).toMatchObject({ input: 3, output: 4 });
    expect(prices.rates({ ...question, account: "b" })).toMatchObject({ input: 1, output: 2 });
    expect(prices.rates({ ...question, provider: "ollama" })).toMatchObject({ input: 3 });
    prices.configure([]);
    expect(prices.rates(question)).toEqual(published);
  });

  it("asks anew every hour, since some prices depend on it", async () => {
    let now = NOON;
    let asked = 0;
    const real = await import("@pydantic/genai-prices");
    const prices = new PriceList(
      () => now,
      async () => ({
        ...real,
        calcPrice: (...args) => {
          asked += 1;
          return real.calcPrice(...args);
        },
      }),
    );
    await prices.load();
    const question = { account: "a", provider: "deepseek", model: "deepseek-chat" };
    for (let i = 0; i < 5; i++) prices.rates(question);
    expect(asked).toBe(1);
    now += 3_600_000;
    prices.rates(question);
    expect(asked).toBe(2);
  });
});

describe("the book of prices", () => {
  it("has what was asked for at hand, and asks again after a failure, a change and an hour", async () => {
    let now = NOON;
    let asked = 0;
    let fails = false;
    const rates = { input: 1, output: 2 };
    const book = new PriceBook(
      async () => {
        asked += 1;
        if (fails) throw new Error("gone");
        return rates;
      },
      { now: () => now },
    );
    const question = { account: "a", provider: "openai", model: "gpt-5" };
    expect(await book.rates(question)).toBe(rates);
    expect(book.rates(question)).toBe(rates);
    expect(asked).toBe(1);
    fails = true;
    now += 3_600_000;
    await expect(book.rates(question)).rejects.toThrow("gone");
    fails = false;
    expect(await book.rates(question)).toBe(rates);
    book.forget();
    expect(book.rates(question)).toBeInstanceOf(Promise);
    expect(asked).toBe(4);
  });
});
