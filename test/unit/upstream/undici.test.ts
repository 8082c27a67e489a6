/** The bundle takes parts of undici, by a list of its own: it has what the sources import, and no other. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as undici from "undici";
import { describe, expect, it } from "vitest";
import { isBuilt, partsOf } from "../../support/dist.ts";

const root = join(import.meta.dirname, "../../..");
const require = createRequire(import.meta.url);
const bundled: Record<string, unknown> = require("../../../scripts/lib/undici.cjs");

/** Names of values, those of types left out. */
function importedIn(source: string): string[] {
  const [, names = ""] = /^import \{([^}]*)\} from "undici";$/m.exec(source) ?? [];
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "));
}

describe("undici in the bundle", () => {
  it("has what the sources import, the same as in the package", async () => {
    const wanted = new Set<string>();
    for await (const file of glob("src/**/*.ts", { cwd: root })) {
      for (const name of importedIn(readFileSync(join(root, file), "utf8"))) wanted.add(name);
    }
    expect(Object.keys(bundled).sort()).toEqual([...wanted].sort());
    for (const name of wanted) expect(bundled[name]).toBe(Reflect.get(undici, name));
  });

  it.skipIf(!isBuilt("cli.js"))("comes without what Node.js 22.13 cannot load (needs dist/)", () => {
    const parts = [...partsOf("portico.js").values()].join("\n");
    expect(parts).toContain("UND_ERR_CONNECT_TIMEOUT");
    // Asks for it where it is loaded.
    expect(parts).not.toMatch(/createZstdDecompress\.bind|MockAgent/);
  });
});
