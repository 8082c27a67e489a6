/** What a build leaves out of the price list: prose alone. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as whole from "@pydantic/genai-prices";
import { expect, it } from "vitest";

type Library = typeof whole;

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { listIn } = (await import(`${root}/scripts/lib/packed.mjs`)) as {
  listIn(source: string): { json: string; before: string; after: string };
};

/** Without prose. */
function recordOf(library: Library, providerId: string): string {
  const prose = ["description", "price_comments"];
  return JSON.stringify(library.findProvider({ providerId }), (key, value: unknown) =>
    prose.includes(key) ? undefined : value,
  );
}

it("leaves every provider, model and price as it is", async () => {
  const source = readFileSync(fileURLToPath(import.meta.resolve("@pydantic/genai-prices")), "utf8");
  const { json, before, after } = listIn(source);
  expect(json).not.toMatch(/"(?:description|price_comments)"/);
  const less = `${before}JSON.parse(${JSON.stringify(json)})${after}`;
  expect(less.length).toBeLessThan(source.length - 50_000);
  // Where its own imports are found.
  const folder = await mkdtemp(join(root, "node_modules", ".prices-"));
  try {
    const file = join(folder, "index.mjs");
    await writeFile(file, less);
    const packed = (await import(pathToFileURL(file).href)) as Library;
    for (const providerId of [
      "openai",
      "anthropic",
      "google",
      "mistral",
      "groq",
      "x-ai",
      "deepseek",
      "openrouter",
    ]) {
      const bare = recordOf(whole, providerId);
      expect(bare.length).toBeGreaterThan(500);
      expect(recordOf(packed, providerId)).toBe(bare);
    }
    const usage = { input_tokens: 1000, output_tokens: 100 };
    expect(packed.calcPrice(usage, "gpt-4o", { providerId: "openai" })?.total_price).toBe(
      whole.calcPrice(usage, "gpt-4o", { providerId: "openai" })?.total_price,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ["no list", "const E = {};\n"],
  ["what is no JSON", "const E = [\n  undefined\n], J = 1;"],
])("refuses a module that begins with %s", (_, source) => {
  expect(() => listIn(source)).toThrow("price list");
});
