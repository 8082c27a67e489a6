/** What a build leaves out of the price list: prose alone. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as whole from "@pydantic/genai-prices";
import { expect, it } from "vitest";

type Library = typeof whole;

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { withoutProse } = (await import(`${root}/scripts/lib/shorn.mjs`)) as {
  withoutProse(source: string): string;
};

/** Without prose; a few texts over several lines may be left. */
function recordOf(library: Library, providerId: string): string {
  const prose = ["description", "price_comments"];
  return JSON.stringify(library.findProvider({ providerId }), (key, value: unknown) =>
    prose.includes(key) ? undefined : value,
  );
}

it("leaves every provider, model and price as it is", async () => {
  const source = readFileSync(fileURLToPath(import.meta.resolve("@pydantic/genai-prices")), "utf8");
  const less = withoutProse(source);
  expect(less.length).toBeLessThan(source.length - 50_000);
  // Where its own imports are found.
  const folder = await mkdtemp(join(root, "node_modules", ".shorn-"));
  try {
    const file = join(folder, "index.mjs");
    await writeFile(file, less);
    const shorn = (await import(pathToFileURL(file).href)) as Library;
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
      expect(recordOf(shorn, providerId)).toBe(bare);
    }
    const usage = { input_tokens: 1000, output_tokens: 100 };
    expect(shorn.calcPrice(usage, "gpt-4o", { providerId: "openai" })?.total_price).toBe(
      whole.calcPrice(usage, "gpt-4o", { providerId: "openai" })?.total_price,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
